"""How a gateway is told to be, from what lies on its host."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

import survey


@pytest.fixture
def spec(tmp_path: Path) -> dict[str, Any]:
    """A gateway whose unit lies there."""
    (tmp_path / "unit").write_text("[Unit]\n")
    (tmp_path / "unit").chmod(0o600)
    return {"unitPath": str(tmp_path / "unit"), "env": str(tmp_path / ".env"), "envUnknown": "drop"}


def test_a_gateway_that_was_put_back_as_it_was_found_differs_in_nothing(spec: dict[str, Any]) -> None:
    """The stamp of one that was made by hand knows neither hashes nor a release."""
    by_hand = {"applied": "by hand", "files": [[spec["unitPath"], "root", "600"]], "link": None, "target": None}
    assert survey.edited(spec, by_hand) == []


def test_text_mode_and_release_are_held_against_the_last_deploy(spec: dict[str, Any], tmp_path: Path) -> None:
    """Each is told by itself."""
    digest = hashlib.sha256(b"[Unit]\n").hexdigest()
    (tmp_path / "current").symlink_to("1.0.0-a")
    stamp = {
        "files": [[spec["unitPath"], "root", "600"]],
        "seen": {spec["unitPath"]: digest},
        "link": str(tmp_path / "current"),
        "target": "1.0.0-a",
    }
    assert survey.edited(spec, stamp) == []
    assert survey.edited(spec, stamp | {"target": "2.0.0-b"}) == ["release"]
    (tmp_path / "unit").chmod(0o644)
    assert survey.edited(spec, stamp) == ["mode of unit"]
    (tmp_path / "unit").write_text("[Unit]\nDescription=mine\n")
    assert survey.edited(spec, stamp) == ["unit"]
    (tmp_path / "unit").unlink()
    assert survey.edited(spec, stamp) == ["unit"]


def test_a_backup_that_goes_meanwhile_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's own timer takes old ones away while somebody looks."""
    gone = tmp_path / "1-openclaw-backup.tar.gz"
    monkeypatch.setattr(Path, "glob", lambda _, pattern: [gone])
    assert survey.backup_age_s(tmp_path) is None
