"""The facts: their commands run here, their answers read back."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from facts.gateways import ConfigState, GatewayUnit, Obstacles, UnitState
from facts.placed import FileState, LinkTarget, PlacedDirectory, PlacedFile
from facts.releases import ReleaseComplete, UnusedReleases
from facts.users import OsUserHome, UserServicesReady


def told(fact: Any, **arguments: Any) -> Any:
    """What a fact says about this machine."""
    done = subprocess.run(["sh", "-c", fact().command(**arguments)], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    return fact().process(lines) if lines else fact.default()


def me() -> str:
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


def test_a_file_is_seen_with_mode_owner_and_hash(tmp_path: Path) -> None:
    """Whatever its name; asked as root, so that no other user is needed here."""
    path = tmp_path / "a b'c"
    path.write_bytes(b"content")
    path.chmod(0o640)
    assert told(PlacedFile, path=str(path), owner="root") == FileState(
        "640", me(), hashlib.sha256(b"content").hexdigest()
    )


def test_what_is_no_regular_file_counts_as_missing(tmp_path: Path) -> None:
    """A link in the place of a secret is not the secret."""
    (tmp_path / "link").symlink_to("/etc/passwd")
    for path in (tmp_path, tmp_path / "link", tmp_path / "none"):
        assert told(PlacedFile, path=str(path), owner="root") is None


def test_a_file_of_a_user_who_does_not_exist_yet_counts_as_missing() -> None:
    """Looking never fails on a fresh host."""
    assert told(PlacedFile, path="/nowhere", owner="no-such-user-here") is None


def test_directories_and_links(tmp_path: Path) -> None:
    """Mode and owner of the one, target of the other."""
    tmp_path.chmod(0o710)
    (tmp_path / "link").symlink_to("elsewhere")
    assert told(PlacedDirectory, path=str(tmp_path)) == f"710 {me()}"
    assert told(PlacedDirectory, path=str(tmp_path / "link")) is None
    assert told(LinkTarget, path=str(tmp_path / "link")) == "elsewhere"
    assert told(LinkTarget, path=str(tmp_path / "none")) is None


def test_users() -> None:
    """A user's home, and nothing for one who is not there."""
    assert told(OsUserHome, user="root") == "/root"
    assert told(OsUserHome, user="no-such-user-here") is None
    assert told(UserServicesReady, user="no-such-user-here") is False


def test_nothing_installed_reads_as_nothing() -> None:
    """A fresh host answers every question."""
    assert told(ReleaseComplete, home="/opt/clawfleet/releases/0.0.0-00000000") is False
    assert told(UnusedReleases, root="/opt/clawfleet", command="/usr/local/bin/openclaw", keep=500) == []
    assert (
        told(ConfigState, owner="root", config="/none", records=("/none", "/none"), pythons=["/none/python"])
        == "unknown"
    )
    assert told(GatewayUnit, spec="{}") is None
    assert told(Obstacles, spec="{}") == []


def test_unused_releases_leave_out_those_in_use(tmp_path: Path) -> None:
    """The newest stay, and whatever a gateway or the command points at."""
    for number in range(6):
        release = tmp_path / "releases" / f"1.0-{number}"
        release.mkdir(parents=True)
        subprocess.run(["touch", "-d", f"2026-01-0{6 - number}", str(release)], check=True)
    instance = tmp_path / "instances" / "ops"
    instance.mkdir(parents=True)
    (instance / "current").symlink_to(tmp_path / "releases" / "1.0-4")
    (tmp_path / "openclaw").symlink_to(tmp_path / "releases" / "1.0-3" / "bin" / "openclaw")
    command = str(tmp_path / "openclaw")
    assert told(UnusedReleases, root=str(tmp_path), command=command, keep=2) == ["1.0-2", "1.0-5"]


def test_a_units_state_is_read_from_the_scripts_answer() -> None:
    """Names of failing parts become a tuple, no answer stays no answer."""
    state = {"active": True, "enabled": False, "stale": True, "healthy": True, "applied": None, "failing": ["x"]}
    assert GatewayUnit().process([json.dumps(state)]) == UnitState(True, False, True, True, None, ("x",))
    assert GatewayUnit().process([json.dumps(state | {"failing": None})]).failing is None  # type: ignore[union-attr]
