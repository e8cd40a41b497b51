"""There is no memory."""

from tests.unit.rpc.house import House


async def test_nothing_is_remembered_and_nothing_is_learnt(house: House) -> None:
    status = await house.call("doctor.memory.status", agentId="main")
    assert (status["agentId"], status["provider"], status["embedding"]["ok"]) == ("main", None, False)
    assert (status["dreaming"]["enabled"], status["dreaming"]["promotedTotal"]) == (False, 0)
    assert (await house.refused("doctor.memory.status", {"agentId": "x"}))["details"]["code"] == "UNKNOWN_AGENT"
