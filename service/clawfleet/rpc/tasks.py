"""`tasks.list`, `taskSuggestions.list`: background work besides chats. This gateway starts none, so there is none."""

from __future__ import annotations

from typing import Any, Literal

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method

TaskStatus = Literal["queued", "running", "completed", "failed", "cancelled", "timed_out"]


class TasksListParams(Params):
    """Which tasks: by status, agent or session."""

    status: TaskStatus | list[TaskStatus] | None = None
    agent_id: str | None = None
    session_key: str | None = None


class TasksList(Result):
    """The answer of `tasks.list`."""

    tasks: list[dict[str, Any]]


@method("tasks.list", scope="operator.read")
async def list_tasks(call: Call, params: TasksListParams) -> TasksList:
    """The background tasks: none, since turns are runs of their session and nothing else works by itself."""
    call.gateway.roster.get(params.agent_id)
    return TasksList(tasks=[])


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
