"""`/whoami`: who the gateway takes the sender for."""

from clawfleet.core.requester import Requester
from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_a_sender_in_a_group(house: House) -> None:
    asked = Requester("telegram", chat_type="group", chat_id="-1", sender_id="42", username="al")
    text = await typed(house, "/whoami", asked)
    assert text.splitlines() == [
        *("🧭 Identity", "Channel: telegram", "User id: 42", "Username: al", "Chat: -1 (group)"),
        *("AllowFrom: 42", "Owner: no"),
    ]


async def test_an_owner_and_the_gateway_itself(house: House) -> None:
    assert "Owner: yes" in await typed(house, "/id")
    assert "the gateway itself" in await typed(house, "/whoami", None)
