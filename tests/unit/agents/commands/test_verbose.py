"""`/verbose`: who keeps it, what is kept, what holds for one message."""

from clawfleet.agents.commands.table import Commands
from clawfleet.agents.run import TurnInput
from clawfleet.core.requester import Requester
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import KEY, session, typed
from tests.unit.agents.fakes import House


async def test_levels_are_kept_for_the_session(house: House, sessions: Sessions) -> None:
    assert await typed(house, "/verbose") == "Current verbose level: off.\nOptions: on, full, off."
    assert await typed(house, "/verbose on") == "⚙️ Verbose logging enabled."
    assert await typed(house, "/v full") == "⚙️ Verbose logging set to full."
    assert (await session(sessions)).choices.verbose == "full"
    assert (await typed(house, "/verbose")).startswith("Current verbose level: full.")
    assert await typed(house, "/verbose:off") == "⚙️ Verbose logging disabled."
    assert (await session(sessions)).choices.verbose == "off"


async def test_a_level_that_there_is_not(house: House, sessions: Sessions) -> None:
    assert await typed(house, "/verbose high") == ('Unrecognized verbose level "high". Valid levels: off, on, full.')
    assert (await session(sessions)).choices.verbose is None


async def test_a_client_without_admin_keeps_none_and_a_sender_does(house: House, sessions: Sessions) -> None:
    assert "operator.admin" in await typed(house, "/verbose on", Requester("webchat", sender_id="page"))
    assert (await session(sessions)).choices.verbose is None
    await typed(house, "/verbose on", Requester("telegram", sender_id="7"))
    assert (await session(sessions)).choices.verbose == "on"


def test_before_a_text_it_holds_for_that_message_alone() -> None:
    asked = TurnInput(KEY, "main", "/verbose full /reasoning on why", may_command=True, requester=Requester("telegram"))
    read = Commands(None).read(asked)  # type: ignore[arg-type]
    assert (read.text, read.command) == ("why", None)
    assert read.requester is not None
    assert read.requester.orders == {"verbose": "full", "reasoning": "on"}
