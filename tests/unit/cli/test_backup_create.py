"""What is kept, where it goes, and that a dry run writes nothing."""

from __future__ import annotations

import json
import re
import stat

import pytest

from clawfleet.cli.backup_create import local_time
from clawfleet.store.archive import read_archive
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture(autouse=True)
def _filled(home: Home) -> None:
    home.write_config('{gateway: {mode: "local"}}')
    (home.state_dir / ".env").write_text("A=1\n")
    home.store_dir.mkdir()
    (home.store_dir / "instance-id").write_text("one")
    (home.state_dir / "exec-approvals.json").write_text("{}")


def test_config_keys_and_state_are_kept_for_the_owner_only(openclaw: OpenClaw, home: Home) -> None:
    done = openclaw("backup", "create", "--verify")
    assert done.exit_code == 0, done.output
    assert "Verified" in done.stdout
    (archive,) = home.root.glob("*-openclaw-backup.tar.gz")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    places = [kept.place for kept in read_archive(archive).files]
    assert places == ["openclaw.json", ".env", "exec-approvals.json", "clawfleet/instance-id"]


def test_a_dry_run_writes_nothing(openclaw: OpenClaw, home: Home) -> None:
    document = json.loads(openclaw("backup", "create", "--dry-run", "--json").stdout)
    assert (document["ok"], document["dryRun"], document["verified"]) == (True, True, False)
    assert [row["kind"] for row in document["assets"]] == ["config", "env", "state", "state"]
    assert list(home.root.glob("*.tar.gz")) == []


def test_only_the_config(openclaw: OpenClaw, home: Home) -> None:
    document = json.loads(openclaw("backup", "create", "--only-config", "--json", "--output", "c.tar.gz").stdout)
    assert document["archivePath"] == str(home.root / "c.tar.gz")
    assert [row["archivePath"] for row in document["assets"]] == ["openclaw.json"]


@pytest.mark.parametrize(
    ("output", "words"),
    [(".openclaw/clawfleet", "lies in what is kept"), ("nowhere/b.tar.gz", "there is no directory")],
)
def test_places_that_it_cannot_go_to(openclaw: OpenClaw, output: str, words: str) -> None:
    done = openclaw("backup", "create", "--output", output)
    assert done.exit_code == 1
    assert words in done.stderr


def test_nothing_to_keep(openclaw: OpenClaw, home: Home) -> None:
    done = openclaw("backup", "create", "--json", OPENCLAW_PROFILE="empty")
    assert json.loads(done.stdout)["ok"] is False


def test_names_sort_by_time_and_say_the_zone() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.007[+-]\d\d-\d\d", local_time(1_795_000_000_007))
