"""`openclaw sandbox`."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_its_commands_are_listed(openclaw: OpenClaw) -> None:
    text = openclaw("sandbox", "--help").stdout
    assert all(word in text for word in ("list", "recreate", "explain"))
