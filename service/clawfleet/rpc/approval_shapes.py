"""Approvals as clients see them. Source: protocol §12, recorded approvals."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from clawfleet.protocol.scopes import APPROVALS, grants
from clawfleet.rpc.clients import Caller, Clients
from clawfleet.rpc.registry import Result, to_wire
from clawfleet.tools.approvals import Approval, Approvals

CAPABILITIES = frozenset({"approvals", "exec-approvals"})
ALL_CHOICES = ("allow-once", "allow-always", "deny")


class CommandAnalysis(Result):
    """What was found in the command; this gateway looks at programs and their arguments only."""

    command_count: int = 1
    nested_command_count: int = 0
    risk_kinds: tuple[str, ...] = ()
    warning_lines: tuple[str, ...] = ()


class ExecRequest(Result):
    """What somebody wants to run. What this gateway has not is null."""

    command: str
    system_run_binding: dict[str, Any] | None = None
    system_run_plan: dict[str, Any] | None = None
    cwd: str | None
    node_id: str | None
    host: str | None
    security: str | None
    ask: str | None
    warning_text: str | None
    scope: dict[str, Any] | None = None
    command_analysis: CommandAnalysis = CommandAnalysis()
    unavailable_decisions: list[str]
    allowed_decisions: list[str]
    agent_id: str | None
    resolved_path: str | None
    session_key: str | None
    session_id: str | None = None
    run_id: str | None
    tool_call_id: str | None
    turn_source_channel: str | None = None
    turn_source_to: str | None = None
    turn_source_account_id: str | None = None
    turn_source_thread_id: str | None = None
    cron_execution_source: dict[str, Any] | None = None
    cron_operation_binding: dict[str, Any] | None = None

    @classmethod
    def of(cls, approval: Approval) -> ExecRequest:
        """What `approval` asks."""
        asked = approval.asked
        return cls(
            command=asked.command,
            cwd=asked.cwd,
            node_id=asked.node_id,
            host=asked.host,
            security=asked.security,
            ask=asked.ask,
            warning_text=asked.warning,
            unavailable_decisions=[choice for choice in ALL_CHOICES if choice not in asked.allowed],
            allowed_decisions=list(asked.allowed),
            agent_id=asked.agent_id,
            resolved_path=asked.resolved_path,
            session_key=asked.session_key,
            run_id=asked.run_id,
            tool_call_id=asked.tool_call_id,
            turn_source_channel=asked.requester.channel if asked.requester else None,
            turn_source_to=(asked.requester.chat_id or asked.session_key) if asked.requester else None,
            turn_source_account_id=asked.requester.account if asked.requester else None,
        )


class PendingExec(Result):
    """One request that waits: a row of `exec.approval.list`, and the event `exec.approval.requested`."""

    keeps_none: ClassVar[bool] = True

    id: str
    approval_kind: str = "exec"
    request: ExecRequest
    created_at_ms: int
    expires_at_ms: int

    @classmethod
    def of(cls, approval: Approval) -> PendingExec:
        """The row of `approval`."""
        return cls(
            id=approval.id,
            request=ExecRequest.of(approval),
            created_at_ms=approval.created_at_ms,
            expires_at_ms=approval.expires_at_ms,
        )


class ResolvedExec(Result):
    """The event `exec.approval.resolved`; a request whose time was over has no decision."""

    keeps_none: ClassVar[bool] = True

    id: str
    decision: str | None
    resolved_by: str | None
    ts: int
    request: ExecRequest


class Presentation(Result):
    """What a person is shown."""

    kind: str = "exec"
    command_text: str
    command_preview: str | None = None
    warning_text: str | None
    host: str | None
    node_id: str | None
    agent_id: str | None
    allowed_decisions: list[str]


def snapshot(approval: Approval) -> dict[str, Any]:
    """One request, waiting or over, as `approval.get` and `approval.history` have it."""
    asked = approval.asked
    presentation = Presentation(
        command_text=asked.command,
        warning_text=asked.warning,
        host=asked.host,
        node_id=asked.node_id,
        agent_id=asked.agent_id,
        allowed_decisions=list(asked.allowed),
    )
    told: dict[str, Any] = {
        "id": approval.id,
        "status": _status(approval),
        "presentation": presentation.model_dump(mode="json", by_alias=True),
        "urlPath": f"/approve/{quote(approval.id, safe='')}",
        "createdAtMs": approval.created_at_ms,
        "expiresAtMs": approval.expires_at_ms,
    }
    if not approval.over.is_set():
        return told
    told |= {"resolvedAtMs": approval.resolved_at_ms, "reason": approval.reason}
    if approval.reason != "timeout":
        told["decision"] = approval.decision or "deny"
    source = {"agentId": asked.agent_id, "sessionKey": asked.session_key}
    told["source"] = {name: value for name, value in source.items() if value}
    kind = "runtime" if approval.reason == "user" else "system"
    return told | {"resolver": {"kind": kind, "id": approval.resolved_by}}


def _status(approval: Approval) -> str:
    if not approval.over.is_set():
        return "pending"
    return "expired" if approval.reason == "timeout" else "allowed" if approval.is_allowed else "denied"


def attach(approvals: Approvals, clients: Clients) -> None:
    """From now on the clients that can approve are told what waits and how it ended."""

    def announce(approval: Approval) -> int:
        able = [caller for caller in clients.callers() if _can_approve(caller) and caller.conn_id != approval.asker]
        if able:
            clients.tell("exec.approval.requested", to_wire(PendingExec.of(approval)), to=_can_approve)
        return len(able)

    def settled(approval: Approval) -> None:
        ended = ResolvedExec(
            id=approval.id,
            decision=approval.decision,
            resolved_by=approval.resolved_by,
            ts=approval.resolved_at_ms or approval.created_at_ms,
            request=ExecRequest.of(approval),
        )
        clients.tell("exec.approval.resolved", to_wire(ended), to=_can_approve)

    approvals.announce, approvals.settled = announce, settled


def _can_approve(caller: Caller) -> bool:
    return bool(CAPABILITIES.intersection(caller.caps)) and grants(caller.scopes, APPROVALS)
