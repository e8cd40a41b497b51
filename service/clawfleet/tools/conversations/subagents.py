"""`subagents`: what works for this session, waited for or stopped. Source: tools-and-sessions §2 and §10."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from clawfleet.core.clock import now_ms
from clawfleet.core.messages import ToolSpec
from clawfleet.sessions.spawns import Spawn
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.failures import NoSession
from clawfleet.tools.desk import Desk, Errand
from clawfleet.tools.failures import BadArguments
from clawfleet.tools.seat import Seat

RECENT_MINUTES = 30
MINUTE_MS = 60_000
MOST_TASK = 300


class SubagentsArguments(Arguments):
    """What a model may ask of subagents."""

    action: Annotated[
        Literal["list", "wait", "cancel", "kill", "steer"],
        Field(description="`list` them, `wait` for some, `cancel` some, `steer` one with a message."),
    ] = "list"
    task_id: Annotated[
        str | None,
        Field(validation_alias=AliasChoices("taskId", "target"), description="Run id, session key or name; `all`."),
    ] = None
    task_ids: Annotated[list[str], Field(default_factory=list, validation_alias="taskIds", description="Several.")]
    timeout_seconds: Annotated[
        float, Field(ge=0, le=60, validation_alias="timeoutSeconds", description="Longest wait, at most 60.")
    ] = 30
    recent_minutes: Annotated[
        int, Field(ge=1, le=1440, validation_alias="recentMinutes", description="How far back to list ended ones.")
    ] = RECENT_MINUTES
    message: Annotated[str | None, Field(description="What to tell the one that is steered.")] = None


class SubagentsTool:
    """Looks after the subagents of one session; those of others are not its business."""

    spec = ToolSpec(
        name="subagents",
        description="List, wait for, stop or steer the subagents that work for this conversation.",
        parameters=SubagentsArguments.parameters(),
    )

    def __init__(self, desk: Desk, key: str) -> None:
        self._desk = desk
        self._key = key

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The rows as JSON. Raises `BadArguments`, `NoSession`."""
        asked = SubagentsArguments.read(self.spec.name, arguments)
        known = await self._desk.subagents(self._key, now_ms() - asked.recent_minutes * MINUTE_MS)
        if asked.action == "list":
            return _told({"status": "ok", "subagents": [row(each) for each in known]})
        if asked.action == "steer":
            return await self._steer(context, asked, known)
        chosen = _chosen(asked, known)
        if asked.action == "wait":
            await self._desk.await_subagents(tuple(each.run_id for each in chosen), asked.timeout_seconds)
            known = await self._desk.subagents(self._key, now_ms() - asked.recent_minutes * MINUTE_MS)
            wanted = {each.run_id for each in chosen}
            rows = [row(each) for each in known if each.run_id in wanted]
            over = all(each["state"] != "running" for each in rows)
            return _told({"status": "ok" if over else "timeout", "subagents": rows})
        stopped = await self._desk.stop_subagents(chosen)
        return _told({"status": "ok", "cancelled": [each.run_id for each in stopped]})

    async def _steer(self, context: ToolContext, asked: SubagentsArguments, known: Sequence[Spawn]) -> ToolResult:
        if not asked.message or len(chosen := _chosen(asked, known)) != 1:
            raise BadArguments("steer needs one taskId and a message.")
        (spawn,) = chosen
        errand = Errand(self._key, context.run_id, spawn.key, spawn.agent_id, asked.message, 0)
        heard = await self._desk.ask(errand)
        return _told({"status": heard.status, "runId": heard.run_id, "childSessionKey": spawn.key})


def row(spawn: Spawn) -> dict[str, object]:
    """One subagent as a model sees it."""
    known: dict[str, object | None] = {
        "taskId": spawn.run_id,
        "sessionKey": spawn.key,
        "taskName": spawn.task_name,
        "label": spawn.label,
        "agentId": spawn.agent_id,
        "task": " ".join(spawn.task.split())[:MOST_TASK],
        "state": spawn.state,
        "error": spawn.error,
        "depth": spawn.depth,
        "createdAt": spawn.created_at_ms,
        "endedAt": spawn.ended_at_ms,
    }
    return {name: value for name, value in known.items() if value is not None}


def named(spawns: Sequence[Spawn], name: str) -> Spawn | None:
    """The one that is meant by its run id, session key, name or the beginning of its run id."""
    wanted = name.strip()
    for spawn in spawns:
        if wanted in (spawn.run_id, spawn.key, spawn.task_name, spawn.label):
            return spawn
    found = [spawn for spawn in spawns if len(wanted) >= 4 and spawn.run_id.startswith(wanted)]
    return found[0] if len(found) == 1 else None


def _chosen(asked: SubagentsArguments, known: Sequence[Spawn]) -> tuple[Spawn, ...]:
    names = [name for name in (asked.task_id, *asked.task_ids) if name]
    if not names or "all" in names:
        return tuple(known)
    chosen: list[Spawn] = []
    for name in names:
        spawn = named(known, name)
        if spawn is None:
            raise NoSession(f"subagent {name}")
        chosen.append(spawn)
    return tuple(chosen)


def _told(answer: dict[str, object]) -> ToolResult:
    return ToolResult(json.dumps(answer, ensure_ascii=False, indent=1), details=answer)


def for_seat(seat: Seat) -> Tool | None:
    """subagents, where there is a desk."""
    return SubagentsTool(seat.desk, seat.session_key) if seat.desk else None
