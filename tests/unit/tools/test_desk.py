"""What tools need of the house above them."""

from __future__ import annotations

from typing import cast

from clawfleet.runtime.desk import RuntimeDesk
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.desk import Desk, Errand, Letter, Route
from tests.support.desk import FakeDesk


def test_what_is_left_out_is_none() -> None:
    letter = Letter(Route("telegram", "default"), "42", "hi")
    assert (letter.thread_id, letter.reply_to) == (None, None)
    assert Errand("a", "r", "b", "main", "hi", 0).wait_s == 0


def test_the_fake_of_the_tests_is_a_desk() -> None:
    """So is the real one: the type checker holds both to it."""
    desk: Desk = FakeDesk(cast(Sessions, None))
    real: type[Desk] = RuntimeDesk
    assert desk.routes() == ()
    assert real is RuntimeDesk
