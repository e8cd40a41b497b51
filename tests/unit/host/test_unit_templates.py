"""Finding the unit templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.host.unit_templates import TemplateMissingError, read_plist_template, read_unit_template


def test_the_first_place_that_has_it_wins(tmp_path: Path) -> None:
    """An installed package does not look into a checkout."""
    for name in ("first", "second"):
        (tmp_path / name / "systemd").mkdir(parents=True)
        (tmp_path / name / "systemd" / "openclaw-gateway.user.service").write_text(name)
    assert read_unit_template("user", (tmp_path / "none", tmp_path / "first", tmp_path / "second")) == "first"


@pytest.mark.parametrize("scope", ["user", "system"])
def test_this_installation_has_both(scope: str) -> None:
    """A checkout and a wheel carry the same templates."""
    assert "{{exec_start}}" in read_unit_template("user" if scope == "user" else "system")


def test_launchd_has_its_own() -> None:
    assert b"LaunchAgent" in read_plist_template("user")
    assert b"LaunchDaemon" in read_plist_template("system")


def test_a_missing_template_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """A broken installation is named."""
    with pytest.raises(TemplateMissingError, match=str(tmp_path)):
        read_unit_template("user", (tmp_path,))
