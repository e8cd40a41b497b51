"""The family of fleet verbs."""

from __future__ import annotations

from clawfleet.cli.fleet import TABLE
from tests.unit.cli.conftest import OpenClaw


def test_every_verb_has_its_help_with_the_common_options(openclaw: OpenClaw) -> None:
    for verb in TABLE:
        shown = openclaw("fleet", verb, "--help")
        assert shown.exit_code == 0
        assert "--limit" in shown.output


def test_the_originals_other_verbs_are_refused(openclaw: OpenClaw) -> None:
    told = openclaw("fleet", "create", "acme")
    assert told.exit_code == 2
    assert "not supported" in told.output
