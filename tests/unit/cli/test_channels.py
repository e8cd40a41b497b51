"""`openclaw channels`."""

from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_bare_channels_lists_them(openclaw: OpenClaw) -> None:
    assert openclaw("channels").stdout == openclaw("channels", "list").stdout
    assert openclaw("channels", "resolve").exit_code == 2
