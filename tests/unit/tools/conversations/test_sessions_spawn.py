"""sessions_spawn as a model meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.tools.base import ToolResult
from clawfleet.tools.conversations.sessions_spawn import SessionsSpawnTool
from clawfleet.tools.failures import BadArguments
from tests.support.desk import CONTEXT, FakeDesk


async def spawn(desk: FakeDesk, **arguments: Any) -> ToolResult:
    return await SessionsSpawnTool(desk, ("read", "exec")).run(CONTEXT, {"task": "count", **arguments})


async def test_a_receipt_comes_at_once(desk: FakeDesk) -> None:
    told = json.loads((await spawn(desk, taskName="counter", model="p/m", runTimeoutSeconds=9, label="Counting")).text)
    assert {key: value for key, value in told.items() if key != "note"} == {
        "status": "accepted",
        "childSessionKey": "agent:main:subagent:0",
        "runId": "run-10",
        "mode": "run",
        "expectsCompletionMessage": True,
        "context": "isolated",
        "modelApplied": True,
        "taskName": "counter",
        "resolvedProvider": "p",
        "resolvedModel": "m",
    }
    (assignment,) = desk.assigned
    assert (assignment.by_key, assignment.run_id, assignment.caps) == ("agent:main:main", "run-1", ("read", "exec"))
    assert (assignment.timeout_s, assignment.label, assignment.announces) == (9, "Counting", True)


async def test_a_refusal_is_told_in_the_documented_shape(desk: FakeDesk) -> None:
    result = await spawn(desk, agentId="nobody")
    assert result.is_error
    assert json.loads(result.text) == {
        "status": "forbidden",
        "error": "agentId is not allowed for sessions_spawn (allowed: main)",
        "role": "nobody",
    }


@pytest.mark.parametrize(
    "arguments",
    [{"task": ""}, {"taskName": "Not OK"}, {"runtime": "acp"}, {"channel": "telegram"}, {"mode": "session"}],
)
async def test_what_it_cannot_do_is_refused(desk: FakeDesk, arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments):
        await spawn(desk, **arguments)
