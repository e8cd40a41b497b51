"""Nobody has a name at GitHub."""

from tests.unit.rpc.house import House


async def test_no_account_is_connected_for_anybody(house: House) -> None:
    mine = await house.call("users.github.status")
    assert (mine["personal"]["state"], mine["personal"]["account"]) == ("unavailable", None)
    assert mine["system"]["credentialState"] == "unavailable"
    agents = await house.call("tools.github.status", agentId="main", selectedScope="agent")
    assert (agents["agentId"], agents["selected"]["configured"]) == ("main", False)
    assert agents["effective"] == mine["system"]


async def test_an_agent_that_is_none_has_no_status(house: House) -> None:
    asked = {"agentId": "nobody", "selectedScope": "system"}
    assert (await house.refused("tools.github.status", asked))["details"]["code"] == "UNKNOWN_AGENT"


async def test_no_session_can_publish(house: House) -> None:
    options = await house.call("sessions.github.options", sessionKey="main", agentId="main")
    assert options["personal"]["state"] == "unavailable"
    assert (options["shared"], options["pendingPersonal"], options["latestShared"]) == (None, None, None)
