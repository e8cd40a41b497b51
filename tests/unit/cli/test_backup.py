from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_every_verb_has_its_help(openclaw: OpenClaw) -> None:
    for verb in ("create", "verify", "restore"):
        assert openclaw("backup", verb, "--help").exit_code == 0
    assert openclaw("backup", "git").exit_code == 2
