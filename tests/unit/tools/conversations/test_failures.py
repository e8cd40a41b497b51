"""What the tools for conversations refuse."""

from __future__ import annotations

from clawfleet.tools.conversations.failures import NoSession, NotSent, OutOfReach
from clawfleet.tools.failures import ToolDenied


def test_each_says_what_it_is() -> None:
    assert NoSession("x").message == "No session found: x"
    assert isinstance(OutOfReach("no"), ToolDenied)
    assert NotSent("no").code == "MESSAGE_NOT_SENT"
