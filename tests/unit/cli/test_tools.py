"""`openclaw tools`."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_the_family_says_what_it_can_do(openclaw: OpenClaw) -> None:
    assert "explain" in openclaw("tools", "--help").stdout
