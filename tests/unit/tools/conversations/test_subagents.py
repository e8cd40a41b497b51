"""subagents as a model meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.tools.conversations.failures import NoSession
from clawfleet.tools.conversations.subagents import SubagentsTool, named
from clawfleet.tools.desk import Assignment
from clawfleet.tools.failures import BadArguments
from tests.support.desk import CONTEXT, FakeDesk

MAIN = "agent:main:main"


async def call(desk: FakeDesk, **arguments: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((await SubagentsTool(desk, MAIN).run(CONTEXT, arguments)).text)
    return told


async def filled(desk: FakeDesk) -> FakeDesk:
    for name in ("one", "two"):
        await desk.spawn(Assignment(MAIN, "main", "run-1", f"task {name}", task_name=name))
    await desk.spawn(Assignment("agent:coder:main", "coder", "run-1", "not ours", task_name="other"))
    return desk


async def test_own_ones_are_listed(desk: FakeDesk) -> None:
    rows = (await call(await filled(desk)))["subagents"]
    assert [(row["taskName"], row["state"], row["task"]) for row in rows] == [
        ("one", "running", "task one"),
        ("two", "running", "task two"),
    ]


async def test_they_are_waited_for(desk: FakeDesk) -> None:
    told = await call(await filled(desk), action="wait", taskIds=["one"], timeoutSeconds=1)
    assert (told["status"], [row["state"] for row in told["subagents"]]) == ("ok", ["done"])


async def test_they_are_stopped(desk: FakeDesk) -> None:
    """One, or all; never those of others."""
    assert (await call(await filled(desk), action="cancel", taskId="two"))["cancelled"] == ["run-11"]
    assert (await call(desk, action="kill", target="all"))["cancelled"] == ["run-10", "run-11"]
    with pytest.raises(NoSession):
        await call(desk, action="cancel", taskId="other")


async def test_one_is_steered(desk: FakeDesk) -> None:
    await call(await filled(desk), action="steer", target="one", message="faster")
    (errand,) = desk.asked
    assert (errand.to_key, errand.text, errand.wait_s) == ("agent:main:subagent:0", "faster", 0)
    with pytest.raises(BadArguments):
        await call(desk, action="steer", target="one")


async def test_names(desk: FakeDesk) -> None:
    """A beginning counts when it is long enough and means one."""
    spawns = (await filled(desk)).spawned
    assert named(spawns, "run-10") is spawns[0]
    assert named(spawns, spawns[1].key) is spawns[1]
    assert named(spawns, "run-") is None
    assert named(spawns, "ru") is None
