"""`tasks.*`, `taskSuggestions.list`: background work besides chats, that of subagents. Source: protocol §12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from clawfleet.core.errors import NotFoundError
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.sessions.spawns import Spawn, SpawnState

TaskStatus = Literal["queued", "running", "completed", "failed", "cancelled", "timed_out"]
STATUS: Mapping[SpawnState, TaskStatus] = {
    "running": "running",
    "done": "completed",
    "failed": "failed",
    "timeout": "timed_out",
    "killed": "cancelled",
    "lost": "failed",
}
MOST = 500
MOST_TITLE = 120
MOST_SUMMARY = 500


class TasksListParams(Params):
    """Which tasks: by status, agent or session."""

    status: TaskStatus | list[TaskStatus] | None = None
    agent_id: str | None = None
    session_key: str | None = None
    limit: int = Field(default=100, ge=1, le=MOST)


class Task(Result):
    """One subagent as a task."""

    id: str
    task_id: str
    kind: str = "subagent"
    runtime: str = "subagent"
    status: TaskStatus
    title: str
    agent_id: str
    session_key: str
    child_session_key: str
    owner_key: str
    run_id: str
    created_at: int
    updated_at: int
    started_at: int
    ended_at: int | None = None
    terminal_summary: str | None = None
    error: str | None = None
    delivery_status: Literal["pending", "delivered", "not_applicable"]

    @classmethod
    def of(cls, spawn: Spawn) -> Task:
        """The wire form of `spawn`."""
        told = "delivered" if spawn.announced_at_ms else "pending"
        return cls(
            id=spawn.run_id,
            task_id=spawn.run_id,
            status=STATUS[spawn.state],
            title=" ".join((spawn.label or spawn.task).split())[:MOST_TITLE],
            agent_id=spawn.agent_id,
            session_key=spawn.by_key,
            child_session_key=spawn.key,
            owner_key=spawn.by_key,
            run_id=spawn.run_id,
            created_at=spawn.created_at_ms,
            updated_at=spawn.ended_at_ms or spawn.created_at_ms,
            started_at=spawn.created_at_ms,
            ended_at=spawn.ended_at_ms,
            terminal_summary=spawn.result[:MOST_SUMMARY] or None,
            error=spawn.error,
            delivery_status=told if spawn.announces else "not_applicable",
        )


class TasksList(Result):
    """The answer of `tasks.list`."""

    tasks: list[Task]


@method("tasks.list", scope="operator.read")
async def list_tasks(call: Call, params: TasksListParams) -> TasksList:
    """The subagents that work or worked for a session, or for anybody, newest first."""
    roster = call.gateway.roster
    agent_id = roster.get(params.agent_id).id if params.agent_id else None
    key = roster.locate(params.session_key, agent_id)[0] if params.session_key else None
    wanted = [params.status] if isinstance(params.status, str) else params.status
    found = await call.gateway.sessions.spawns.newest(key, limit=MOST)
    rows = [Task.of(each) for each in found if key is not None or agent_id in (None, each.agent_id)]
    return TasksList(tasks=[row for row in rows if wanted is None or row.status in wanted][: params.limit])


class TaskParams(Params):
    """Which task."""

    task_id: str = Field(min_length=1)


class TaskFound(Result):
    """The answer of `tasks.get`."""

    task: Task


@method("tasks.get", scope="operator.read")
async def get_task(call: Call, params: TaskParams) -> TaskFound:
    """One subagent. Raises `NotFoundError`."""
    spawn = await call.gateway.sessions.spawns.find(params.task_id)
    if spawn is None:
        raise NotFoundError(f"task not found: {params.task_id}")
    return TaskFound(task=Task.of(spawn))


class TaskCancelParams(Params):
    """Which task, and why."""

    task_id: str = Field(min_length=1)
    reason: str | None = None


class TaskCancelled(Result):
    """The answer of `tasks.cancel`."""

    found: bool
    cancelled: bool
    reason: str | None = None
    task: Task | None = None


@method("tasks.cancel", scope="operator.write")
async def cancel_task(call: Call, params: TaskCancelParams) -> TaskCancelled:
    """Stop a subagent and those that work for it."""
    gateway = call.gateway
    spawn = await gateway.sessions.spawns.find(params.task_id)
    if spawn is None:
        return TaskCancelled(found=False, cancelled=False, reason="Task not found.")
    stopped = await gateway.runs.subagents.cancel([spawn]) if gateway.runs.subagents else ()
    now = await gateway.sessions.spawns.find(params.task_id)
    reason = None if stopped else "Task is already terminal."
    return TaskCancelled(found=True, cancelled=bool(stopped), reason=reason, task=Task.of(now or spawn))


class TaskSuggestionsParams(Params):
    """Whose suggestions."""

    agent_id: str | None = None


class TaskSuggestions(Result):
    """The answer of `taskSuggestions.list`."""

    suggestions: list[dict[str, Any]]


@method("taskSuggestions.list", scope="operator.read")
async def list_task_suggestions(call: Call, params: TaskSuggestionsParams) -> TaskSuggestions:
    """What agents proposed to do next: nothing, they have no tool to propose with."""
    call.gateway.roster.get(params.agent_id)
    return TaskSuggestions(suggestions=[])
