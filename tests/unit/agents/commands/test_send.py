"""`/send`: a session that takes no messages still hears its owner."""

import pytest

from clawfleet.agents.run import TurnInput
from clawfleet.core.requester import Requester
from clawfleet.sessions.inputs import SendBlocked
from tests.unit.agents.commands.typed import KEY, typed
from tests.unit.agents.fakes import House


async def test_off_until_it_is_on_again(house: House) -> None:
    assert await typed(house, "/send off") == "⚙️ Send policy set to off."
    assert await typed(house, "/send") == "Current send policy: off."
    with pytest.raises(SendBlocked, match="send blocked by session policy"):
        await house.runs.accept(TurnInput(KEY, "main", "hello"))
    assert await typed(house, "/send on") == "⚙️ Send policy set to on."
    assert await typed(house, "hello") == "answer"


async def test_only_an_owner_changes_it(house: House) -> None:
    assert (await typed(house, "/send off", Requester("telegram", sender_id="7"))).startswith("⚠️ Only an owner")
    assert await typed(house, "/send") == "Current send policy: on."
    assert (await typed(house, "/send maybe")).startswith("Unrecognized send policy")
