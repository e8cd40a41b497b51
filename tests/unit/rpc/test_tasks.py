"""There are no background tasks, and that is what is told."""

from tests.unit.rpc.house import House


async def test_there_are_no_tasks_and_no_suggestions_however_one_asks(house: House) -> None:
    assert await house.call("tasks.list") == {"tasks": []}
    asked = {"sessionKey": "main", "agentId": "main", "status": ["queued", "running"], "limit": 200}
    assert await house.call("tasks.list", **asked) == {"tasks": []}
    assert await house.call("taskSuggestions.list", agentId="main") == {"suggestions": []}


async def test_a_status_that_no_task_has_and_an_agent_that_is_none_are_refused(house: House) -> None:
    assert "invalid tasks.list params" in (await house.refused("tasks.list", {"status": "lost"}))["message"]
    assert (await house.refused("tasks.list", {"agentId": "nobody"}))["details"]["code"] == "UNKNOWN_AGENT"
    assert (await house.refused("taskSuggestions.list", {"agentId": "nobody"}))["details"]["code"] == "UNKNOWN_AGENT"
