"""`openclaw sessions`: its table."""

from __future__ import annotations

from clawfleet.cli.sessions import COMMANDS, UNSUPPORTED
from tests.unit.cli.conftest import FakeGateway, OpenClaw


def test_the_bare_word_lists(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["sessions.list"] = {"sessions": [], "totalCount": 0}
    assert openclaw("sessions").stdout == openclaw("sessions", "list").stdout == "Sessions: 0\n"


def test_what_is_missing_is_said_to_be(openclaw: OpenClaw) -> None:
    assert not UNSUPPORTED & COMMANDS.keys()
    result = openclaw("sessions", "cleanup")
    assert "not supported by this gateway" in result.stderr
    assert result.exit_code == 2
