from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_the_family_lists_its_verbs(openclaw: OpenClaw) -> None:
    assert "audit" in openclaw("security", "--help").stdout
