from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_only_sending_is_there(openclaw: OpenClaw) -> None:
    assert "send" in openclaw("message", "--help").stdout
    assert openclaw("message", "react").exit_code == 2
