from __future__ import annotations

from tests.unit.cli.conftest import OpenClaw


def test_every_verb_has_its_help(openclaw: OpenClaw) -> None:
    for verb in ("set", "audit", "apply", "reload"):
        assert openclaw("secrets", verb, "--help").exit_code == 0
    assert openclaw("secrets", "store").exit_code == 2
