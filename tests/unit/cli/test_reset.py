"""Nothing goes without a yes, nothing of a running gateway goes at all."""

from __future__ import annotations

import json

import pytest

from clawfleet.host.lock import StateLock
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture(autouse=True)
def _filled(home: Home) -> None:
    home.write_config('{gateway: {mode: "local"}}')
    home.store_dir.mkdir()
    (home.store_dir / "instance-id").write_text("one")


def test_without_a_terminal_it_wants_yes(openclaw: OpenClaw, home: Home) -> None:
    done = openclaw("reset", "--scope", "full")
    assert done.exit_code == 1
    assert "--yes" in done.stderr
    assert home.config_path.exists()
    assert openclaw("reset", "--yes").exit_code == 1
    assert openclaw("reset", "--scope", "full", "--non-interactive").exit_code == 1
    assert openclaw("reset", "--scope", "config", "--workspace", "--yes").exit_code == 2


def test_a_dry_run_says_what_would_go(openclaw: OpenClaw, home: Home) -> None:
    done = openclaw("reset", "--scope", "full", "--dry-run")
    assert "Would remove ~/.openclaw/openclaw.json" in done.stdout
    assert home.config_path.exists()


def test_full_leaves_no_residue(openclaw: OpenClaw, home: Home) -> None:
    document = json.loads(openclaw("reset", "--scope", "full", "--yes", "--json").stdout)
    assert document["left"] == []
    assert not home.state_dir.exists()
    assert openclaw("reset", "--scope", "full", "--yes").stdout == "There is nothing to remove.\n"


def test_the_workspace_goes_when_asked(openclaw: OpenClaw, home: Home) -> None:
    (home.state_dir / "workspace").mkdir()
    assert "workspace" in openclaw("reset", "--scope", "full", "--yes").stdout.splitlines()[-1]
    assert openclaw("reset", "--scope", "full", "--workspace", "--yes").exit_code == 0
    assert not home.state_dir.exists()


@pytest.mark.parametrize("scope", ["credentials", "sessions", "config+creds+sessions", "full"])
def test_a_running_gateway_keeps_its_state(openclaw: OpenClaw, home: Home, scope: str) -> None:
    lock = StateLock.acquire(home.store_dir, port=19001, config_path=home.config_path)
    try:
        done = openclaw("reset", "--scope", scope, "--yes", "--json")
    finally:
        lock.release()
    assert json.loads(done.stdout)["error"]["code"] == "GATEWAY_STILL_RUNS"
    assert "openclaw gateway stop" in done.stderr
    assert home.config_path.exists()
