"""What is taken away with a gateway, and what root must not take away with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import audit
import removal


class Gone:
    """The unit of a user that somebody removed."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """Whatever it is."""

    def disable(self) -> None:
        raise KeyError("getpwnam(): name not found")


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A gateway of a user that is no more; its records, backups and link are root's."""
    monkeypatch.setattr(removal, "Unit", Gone)
    monkeypatch.setattr(removal, "UNITS", tmp_path / "units")
    monkeypatch.setattr(removal, "RECORDS", tmp_path / "records")
    monkeypatch.setattr(removal, "MADE", tmp_path / "records" / ".made")
    monkeypatch.setattr(removal, "remove_own_unit", lambda timer: None)
    monkeypatch.setattr(removal, "remove_sandboxes", lambda spec: None)
    monkeypatch.setattr(audit, "LOG", tmp_path / "audit.log")
    for place in ("records/ops", "records/other", "instances/ops", "backups/ops"):
        (tmp_path / place).mkdir(parents=True)
    home = str(tmp_path / "home" / "gone")
    return {
        **{"id": "edge/ops", "name": "ops", "user": "no-such-user", "scope": "user", "home": home},
        **{"unitPath": f"{home}/unit", "backupTimer": "openclaw-backup-ops.timer", "tailnetPort": None},
        **{"stateDir": f"{home}/.openclaw", "workspace": f"{home}/w", "config": f"{home}/.openclaw/openclaw.json"},
        **{"records": str(tmp_path / "records" / "ops"), "link": str(tmp_path / "instances" / "ops" / "current")},
        "backups": str(tmp_path / "backups" / "ops"),
    }


def test_a_gateway_whose_user_is_gone_leaves_nothing_of_roots(spec: dict[str, Any], tmp_path: Path) -> None:
    """Else it would be told of as a stranger for ever, and the host never come clean."""
    done = removal.uninstall({"gateways": [spec], "purge": True, "by": "me@here"})
    assert done["gateways"] == [{"id": "edge/ops", "outcome": "ready", "stays": []}]
    assert done["others"] == ["other"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.log", "backups", "instances", "records"]
    assert not any((tmp_path / place).exists() for place in ("records/ops", "instances/ops", "backups/ops"))


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away")
def test_root_removes_nothing_behind_a_directory_of_somebody_elses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its owner may exchange it for a link to anywhere, at any moment; only what root alone leads to is removed."""
    monkeypatch.setattr(removal, "as_user", lambda user, words: ["false"])
    theirs, roots = tmp_path / "theirs" / "workspace", tmp_path / "roots" / "workspace"
    for place in (theirs, roots):
        place.mkdir(parents=True)
    os.chown(theirs.parent, 65534, 65534)
    for place in (theirs, roots):
        removal.remove_as("nobody", str(place))
    assert (theirs.exists(), roots.exists()) == (True, False)
    (tmp_path / "roots" / "workspace").mkdir()
    theirs.rmdir()
    theirs.parent.rmdir()
    theirs.parent.symlink_to(tmp_path / "roots")
    os.lchown(theirs.parent, 65534, 65534)
    removal.remove_as("nobody", str(theirs))
    assert roots.exists()
