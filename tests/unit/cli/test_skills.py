from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_what_there_is_and_what_not(openclaw: OpenClaw) -> None:
    assert all(verb in openclaw("skills", "--help").stdout for verb in ("list", "info", "check"))
    assert openclaw("skills", "install").exit_code == 2
