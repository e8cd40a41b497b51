"""`sessions_spawn`: another session works on a task, and its result comes back by itself.

Source: tools-and-sessions §2 and §10.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from clawfleet.core.messages import ToolSpec
from clawfleet.sessions.spawns import Spawn
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.failures import SpawnRefused
from clawfleet.tools.desk import Assignment, Desk
from clawfleet.tools.seat import Seat

MOST_TASK = 100_000
NOTE = (
    "The result comes as a message of its own when the subagent is done; do not poll for it. Go on with other work, or "
    "end your turn with sessions_yield."
)


class SessionsSpawnArguments(Arguments):
    """What a model may ask of sessions_spawn."""

    task: Annotated[
        str,
        Field(min_length=1, max_length=MOST_TASK, description="What to do, complete: the subagent knows nothing else."),
    ]
    task_name: Annotated[
        str | None,
        Field(
            pattern="^[a-z][a-z0-9_-]{0,63}$", validation_alias="taskName", description="Short name to refer to it by."
        ),
    ] = None
    label: Annotated[str | None, Field(max_length=120, description="Name for people.")] = None
    runtime: Annotated[Literal["subagent"], Field(description="How it runs.")] = "subagent"
    agent_id: Annotated[
        str | None, Field(validation_alias="agentId", description="Agent that does it; default: this one.")
    ] = None
    model: Annotated[str | None, Field(description="Model of the subagent.")] = None
    thinking: Annotated[str | None, Field(description="Thinking level of the subagent.")] = None
    run_timeout_seconds: Annotated[
        float | None,
        Field(ge=0, validation_alias="runTimeoutSeconds", description="Stop it after this many seconds; 0: not."),
    ] = None
    mode: Annotated[Literal["run"], Field(description="One run.")] = "run"
    cleanup: Annotated[Literal["keep", "delete"], Field(description="What becomes of its session afterwards.")] = "keep"
    expects_completion_message: Annotated[
        bool, Field(validation_alias="expectsCompletionMessage", description="Tell the result; default: true.")
    ] = True
    completion_target: Annotated[
        Literal["parent"], Field(validation_alias="completionTarget", description="Whom to tell.")
    ] = "parent"
    sandbox: Annotated[
        Literal["inherit", "require"], Field(description="`require`: only where its tools run in a sandbox.")
    ] = "inherit"
    context: Annotated[
        Literal["isolated", "fork"], Field(description="`fork`: it knows what was said here so far.")
    ] = "isolated"


class SessionsSpawnTool:
    """Spawns subagents. `caps` are the caller's own tools: no subagent has others."""

    spec = ToolSpec(
        name="sessions_spawn",
        description=(
            "Start a subagent that works on a task in a session of its own, in the background. Returns at once; the "
            "result comes back as a message."
        ),
        parameters=SessionsSpawnArguments.parameters(),
    )

    def __init__(self, desk: Desk, caps: tuple[str, ...] | None) -> None:
        self._desk = desk
        self._caps = caps

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The receipt as JSON; a refusal is one too. Raises `BadArguments`."""
        asked = SessionsSpawnArguments.read(self.spec.name, arguments)
        assignment = Assignment(
            by_key=context.session_key,
            by_agent=context.agent_id,
            run_id=context.run_id,
            task=asked.task,
            agent_id=asked.agent_id,
            task_name=asked.task_name,
            label=asked.label,
            model=asked.model,
            thinking=asked.thinking,
            timeout_s=asked.run_timeout_seconds,
            cleanup=asked.cleanup,
            announces=asked.expects_completion_message,
            forks=asked.context == "fork",
            needs_sandbox=asked.sandbox == "require",
            caps=self._caps,
        )
        try:
            spawn = await self._desk.spawn(assignment)
        except SpawnRefused as error:
            refusal = {"status": error.status, "error": error.message} | ({"role": error.role} if error.role else {})
            return ToolResult(json.dumps(refusal, ensure_ascii=False), is_error=True, details=refusal)
        receipt = _receipt(spawn, asked)
        return ToolResult(json.dumps(receipt, ensure_ascii=False, indent=1), details=receipt)


def _receipt(spawn: Spawn, asked: SessionsSpawnArguments) -> dict[str, object]:
    receipt: dict[str, object] = {
        "status": "accepted",
        "childSessionKey": spawn.key,
        "runId": spawn.run_id,
        "mode": "run",
        "expectsCompletionMessage": spawn.announces,
        "context": asked.context,
        "note": NOTE,
        "modelApplied": bool(asked.model),
    }
    if spawn.task_name:
        receipt["taskName"] = spawn.task_name
    if spawn.model:
        provider, _, model = spawn.model.partition("/")
        receipt |= {"resolvedProvider": provider, "resolvedModel": model}
    return receipt


def for_seat(seat: Seat) -> Tool | None:
    """sessions_spawn, where there is a desk."""
    return SessionsSpawnTool(seat.desk, tuple(seat.allowed) or None) if seat.desk else None
