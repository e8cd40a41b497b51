"""`approval.*`, `plugin.approval.list`, `openclaw.approval.list`: all kinds of approvals in one shape."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from clawfleet.rpc.approval_shapes import snapshot
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method
from clawfleet.tools.approvals import AlreadyResolved, NoSuchApproval
from clawfleet.tools.exec_policy import Choice


class ApprovalParams(Params):
    """Which request."""

    id: str = Field(min_length=1)


class OneApproval(Result):
    """The answer of `approval.get`."""

    approval: dict[str, Any]


@method("approval.get", scope="operator.approvals")
async def get_approval(call: Call, params: ApprovalParams) -> OneApproval:
    """One request, waiting or over. Raises `NoSuchApproval`."""
    approval = call.gateway.toolbox.approvals.get(params.id)
    if approval is None:
        raise NoSuchApproval("approval not found")
    return OneApproval(approval=snapshot(approval))


class ApprovalResolveParams(ApprovalParams):
    """The answer to a request of a kind."""

    kind: Literal["exec", "plugin", "system-agent"]
    decision: Choice


class ApprovalResolved(Result):
    """The answer of `approval.resolve`; `applied` False: somebody else was first."""

    applied: bool
    approval: dict[str, Any]


@method("approval.resolve", scope="operator.approvals")
async def resolve_approval(call: Call, params: ApprovalResolveParams) -> ApprovalResolved:
    """Answer a request. Raises `NoSuchApproval`, `RequestError` for an answer that it does not take."""
    approvals = call.gateway.toolbox.approvals
    approval = approvals.get(params.id)
    if approval is None or params.kind != "exec":
        raise NoSuchApproval("approval not found")
    try:
        approvals.resolve(params.id, params.decision, call.caller.client.id)
    except AlreadyResolved:
        return ApprovalResolved(applied=False, approval=snapshot(approval))
    return ApprovalResolved(applied=True, approval=snapshot(approval))


class HistoryParams(Params):
    """How many, of which kind."""

    limit: int = Field(default=50, ge=1, le=100)
    kind: Literal["exec", "plugin", "system-agent"] | None = None


class History(Result):
    """The answer of `approval.history`."""

    items: list[dict[str, Any]]


@method("approval.history", scope="operator.approvals")
async def approval_history(call: Call, params: HistoryParams) -> History:
    """The requests that are over since this gateway started, newest first."""
    if params.kind not in (None, "exec"):
        return History(items=[])
    return History(items=[snapshot(approval) for approval in call.gateway.toolbox.approvals.history(params.limit)])


@method("plugin.approval.list", scope="operator.approvals")
async def list_plugin_approvals(call: Call, params: NoParams) -> list[dict[str, Any]]:
    """What plugins ask: nothing, there are none; a bare array."""
    return []


@method("openclaw.approval.list", scope="operator.approvals")
async def list_own_approvals(call: Call, params: NoParams) -> list[dict[str, Any]]:
    """What an agent that looks after the gateway itself asks: nothing, there is none; a bare array."""
    return []
