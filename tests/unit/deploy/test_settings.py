"""What the environment says of the fleet to work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import HERE, Settings


def test_variables_name_fleet_and_wheelhouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths count from where one types."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAWFLEET_FLEET", "mine/fleet.json5")
    monkeypatch.setenv("CLAWFLEET_WHEELHOUSE", "/srv/wheels")
    settings = Settings()
    assert (settings.fleet, settings.wheelhouse) == (tmp_path / "mine" / "fleet.json5", Path("/srv/wheels"))


def test_without_variables_the_checkouts_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable counts as none; a wheelhouse where one types comes first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAWFLEET_FLEET", "")
    monkeypatch.delenv("CLAWFLEET_WHEELHOUSE", raising=False)
    assert Settings().fleet == HERE / "fleet.json5"
    assert Settings().wheelhouse == HERE.parents[1] / "wheelhouse"
    (tmp_path / "wheelhouse").mkdir()
    assert Settings().wheelhouse == tmp_path / "wheelhouse"
