"""`/elevated`: for whom it is, what is kept, what holds for one message."""

from collections.abc import Callable
from typing import Any

from clawfleet.agents.commands.table import Commands, recognise
from clawfleet.agents.run import TurnInput
from clawfleet.core.requester import Requester
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import KEY, session, typed
from tests.unit.agents.fakes import House

OPEN: dict[str, Any] = {"tools": {"elevated": {"allowFrom": {"webchat": ["*"]}}}}
BOXED: dict[str, Any] = {**OPEN, "agents": {"defaults": {"sandbox": {"mode": "all"}}}}


async def test_levels_are_kept_for_the_session(equipped: Callable[..., House], sessions: Sessions) -> None:
    house = equipped(**BOXED)
    assert await typed(house, "/elevated") == "Current elevated level: off.\nOptions: on, ask, full, off."
    assert await typed(house, "/elevated on") == "⚙️ Elevated mode set to ask (approvals may still apply)."
    assert await typed(house, "/elev full") == "⚙️ Elevated mode set to full (auto-approve)."
    assert (await session(sessions)).choices.elevated == "full"
    assert (await typed(house, "/elevated")).startswith("Current elevated level: full.")
    assert await typed(house, "/elevated off") == "⚙️ Elevated mode disabled."


async def test_without_a_sandbox_it_changes_nothing_and_says_so(equipped: Callable[..., House]) -> None:
    assert (await typed(equipped(**OPEN), "/elevated on")).endswith("\n⚙️ Runtime is direct; sandboxing does not apply.")


async def test_who_may_not_is_told_why(equipped: Callable[..., House], sessions: Sessions) -> None:
    stranger = Requester("telegram", sender_id="7")
    text = await typed(equipped(**BOXED), "/elevated full", stranger)
    assert text.startswith("elevated is not available right now (runtime=sandboxed).")
    assert "tools.elevated.allowFrom.telegram" in text
    assert (await session(sessions)).choices.elevated is None


async def test_a_level_that_there_is_not(equipped: Callable[..., House]) -> None:
    assert await typed(equipped(**BOXED), "/elevated high") == (
        'Unrecognized elevated level "high". Valid levels: off, on, ask, full.'
    )


def test_before_a_text_it_holds_for_that_message_alone() -> None:
    asked = TurnInput(KEY, "main", "/elevated full deploy it", may_command=True, requester=Requester("telegram"))
    read = Commands(None).read(asked)  # type: ignore[arg-type]
    assert (read.text, read.command) == ("deploy it", None)
    assert read.requester is not None and read.requester.orders == {"elevated": "full"}
    known = recognise("/elevated full")
    assert known is not None and known[1] == "full"
