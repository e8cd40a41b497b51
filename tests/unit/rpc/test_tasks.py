"""What works in the background, as clients see it."""

from typing import Any

from clawfleet.sessions.spawns import Spawn
from tests.unit.rpc.house import House

MAIN = "agent:main:main"


async def keep(house: House, run_id: str, *, by: str = MAIN, ended: Any = None) -> None:
    await house.gateway.sessions.spawns.add(
        Spawn(run_id, f"agent:main:subagent:{run_id}", by, "main", "main", "count\nthem", 1, created_at_ms=int(run_id))
    )
    if ended:
        await house.gateway.sessions.spawns.end(run_id, ended, result="it went")


async def test_nothing_is_told_as_nothing(house: House) -> None:
    assert await house.call("tasks.list") == {"tasks": []}
    asked = {"sessionKey": "main", "agentId": "main", "status": ["queued", "running"], "limit": 200}
    assert await house.call("tasks.list", **asked) == {"tasks": []}
    assert await house.call("taskSuggestions.list", agentId="main") == {"suggestions": []}


async def test_subagents_are_tasks(house: House) -> None:
    """Newest first, by session and by status; one by its id."""
    await keep(house, "1", ended="done")
    await keep(house, "2")
    await keep(house, "3", by="agent:main:other", ended="timeout")
    rows = (await house.call("tasks.list"))["tasks"]
    assert [(row["id"], row["status"]) for row in rows] == [("3", "timed_out"), ("2", "running"), ("1", "completed")]
    asked = {
        "sessionKey": "main",
        "agentId": "main",
        "status": ["completed", "failed"],
        "sortBy": "endedAt",
        "limit": 9,
    }
    (row,) = (await house.call("tasks.list", **asked))["tasks"]
    assert (row["title"], row["terminalSummary"], row["deliveryStatus"]) == ("count them", "it went", "pending")
    assert (await house.call("tasks.get", taskId="1"))["task"] == row
    assert (await house.refused("tasks.get", {"taskId": "9"}))["message"] == "task not found: 9"
    told = (await house.call("status"))["tasks"]
    assert (told["total"], told["active"], told["failures"], told["byRuntime"]["subagent"]) == (3, 1, 1, 3)


async def test_a_task_that_is_over_or_not_there_cannot_be_cancelled(house: House) -> None:
    """One that runs is stopped in the tests of subagents."""
    await keep(house, "1", ended="done")
    over = await house.call("tasks.cancel", taskId="1", reason="tired of it")
    assert (over["found"], over["cancelled"], over["task"]["status"]) == (True, False, "completed")
    assert await house.call("tasks.cancel", taskId="9") == {
        "found": False,
        "cancelled": False,
        "reason": "Task not found.",
    }


async def test_a_status_that_no_task_has_and_an_agent_that_is_none_are_refused(house: House) -> None:
    assert "invalid tasks.list params" in (await house.refused("tasks.list", {"status": "lost"}))["message"]
    assert (await house.refused("tasks.list", {"agentId": "nobody"}))["details"]["code"] == "UNKNOWN_AGENT"
    assert (await house.refused("taskSuggestions.list", {"agentId": "nobody"}))["details"]["code"] == "UNKNOWN_AGENT"
