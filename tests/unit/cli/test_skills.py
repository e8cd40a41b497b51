from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_only_listing_is_there(openclaw: OpenClaw) -> None:
    assert "list" in openclaw("skills", "--help").stdout
    assert openclaw("skills", "install").exit_code == 2
