"""`exec.approval.*`, `exec.approvals.*`: what may run on this host, and what waits for a yes. Source: protocol §12."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from pydantic import Field, ValidationError

from clawfleet.core.errors import RequestError
from clawfleet.protocol.problems import first_problem
from clawfleet.rpc.approval_shapes import PendingExec
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method
from clawfleet.tools.approvals import LIFE_MS, Approval, Asked, NoSuchApproval
from clawfleet.tools.exec_document import Kept, wire_of
from clawfleet.tools.exec_policy import ApprovalsDocument, Program, choices, words_of


class ApprovalRequestParams(Params):
    """What somebody wants to run. `two_phase` answers at once, otherwise the answer is the decision."""

    id: str | None = Field(default=None, min_length=1)
    command: str | None = None
    cwd: str | None = None
    node_id: str | None = None
    host: str | None = None
    security: str | None = None
    ask: str | None = None
    warning_text: str | None = None
    agent_id: str | None = None
    session_key: str | None = None
    run_id: str | None = None
    tool_call_id: str | None = None
    resolved_path: str | None = None
    timeout_ms: int = Field(default=LIFE_MS, ge=1)
    two_phase: bool = False


class Decision(Result):
    """How far a request is; `decision` is null while it waits, and when nobody decided."""

    keeps_none: ClassVar[bool] = True

    id: str
    decision: str | None
    created_at_ms: int
    expires_at_ms: int

    @classmethod
    def of(cls, approval: Approval) -> Decision:
        """How far `approval` is."""
        return cls(
            id=approval.id,
            decision=approval.decision,
            created_at_ms=approval.created_at_ms,
            expires_at_ms=approval.expires_at_ms,
        )


class DecisionWithReason(Decision):
    """A decision and what brought it."""

    terminal_reason: str | None


@method("exec.approval.request", scope="operator.approvals")
async def request_approval(call: Call, params: ApprovalRequestParams) -> Decision:
    """Ask those who can approve. With nobody there it is over at once, without a decision."""
    if not params.command:
        raise RequestError("command is required")
    approvals = call.gateway.toolbox.approvals
    words = words_of(params.command)
    path = params.resolved_path or (words[0] if words else None)
    asked = Asked(
        command=params.command,
        allowed=choices(params.ask, Program(params.command, words, path, params.cwd or "")),
        cwd=params.cwd,
        host=params.host,
        node_id=params.node_id,
        security=params.security,
        ask=params.ask,
        warning=params.warning_text,
        agent_id=params.agent_id,
        session_key=params.session_key,
        run_id=params.run_id,
        tool_call_id=params.tool_call_id,
        resolved_path=params.resolved_path,
    )
    approval = approvals.request(asked, life_ms=params.timeout_ms, approval_id=params.id, asker=call.caller.conn_id)
    if not params.two_phase:
        await approval.over.wait()
    return Decision.of(approval)


class ApprovalIdParams(Params):
    """Which request."""

    id: str = Field(min_length=1)


@method("exec.approval.waitDecision", scope="operator.approvals")
async def wait_decision(call: Call, params: ApprovalIdParams) -> DecisionWithReason:
    """The decision, once there is one. Raises `NoSuchApproval`."""
    approval = await call.gateway.toolbox.approvals.wait(params.id)
    return DecisionWithReason(**dict(Decision.of(approval)), terminal_reason=approval.reason)


@method("exec.approval.list", scope="operator.approvals")
async def list_approvals(call: Call, params: NoParams) -> list[PendingExec]:
    """What waits for an answer, oldest first; a bare array."""
    return [PendingExec.of(approval) for approval in call.gateway.toolbox.approvals.pending()]


class ApprovalText(Result):
    """The answer of `exec.approval.get`."""

    keeps_none: ClassVar[bool] = True

    id: str
    command_text: str
    command_preview: str | None = None
    allowed_decisions: list[str]
    host: str | None
    node_id: str | None
    agent_id: str | None
    expires_at_ms: int


@method("exec.approval.get", scope="operator.approvals")
async def get_approval(call: Call, params: ApprovalIdParams) -> ApprovalText:
    """One request that waits. Raises `NoSuchApproval`, also for one that is over."""
    approval = call.gateway.toolbox.approvals.get(params.id)
    if approval is None or approval.over.is_set():
        raise NoSuchApproval
    return ApprovalText(
        id=approval.id,
        command_text=approval.asked.command,
        allowed_decisions=list(approval.asked.allowed),
        host=approval.asked.host,
        node_id=approval.asked.node_id,
        agent_id=approval.asked.agent_id,
        expires_at_ms=approval.expires_at_ms,
    )


class ResolveParams(ApprovalIdParams):
    """The answer to a request."""

    decision: str = Field(min_length=1)


class Done(Result):
    """Nothing to tell but that it was done."""

    ok: bool = True


@method("exec.approval.resolve", scope="operator.approvals")
async def resolve_approval(call: Call, params: ResolveParams) -> Done:
    """Answer a request; the first answer counts. Raises `NoSuchApproval`, `AlreadyResolved`, `RequestError`."""
    call.gateway.toolbox.approvals.resolve(params.id, params.decision, call.caller.client.id)
    return Done()


class Grants(Result):
    """The answer of `exec.approval.grants.list`."""

    grants: list[dict[str, Any]]


@method("exec.approval.grants.list", scope="operator.approvals")
async def list_grants(call: Call, params: NoParams) -> Grants:
    """What automations may run without asking: nothing, there are none. `allow-always` is in `exec.approvals.get`."""
    return Grants(grants=[])


class RevokeParams(Params):
    """Which grant."""

    grant_id: str = Field(min_length=1)


class Revoked(Result):
    """The answer of `exec.approval.grants.revoke`."""

    outcome: str


@method("exec.approval.grants.revoke", scope="operator.approvals")
async def revoke_grant(call: Call, params: RevokeParams) -> Revoked:
    """Take a grant back: there is none."""
    return Revoked(outcome="not-found")


class ResolvedDefaults(Result):
    """What holds where the document says nothing."""

    security: str
    ask: str
    ask_fallback: str
    auto_allow_skills: bool


class DocumentKept(Result):
    """The answer of `exec.approvals.get` and `exec.approvals.set`. `hash` is what the next writer has to name."""

    path: str
    exists: bool
    file: dict[str, Any]
    hash: str
    resolved_defaults: ResolvedDefaults

    @classmethod
    def of(cls, kept: Kept) -> DocumentKept:
        """The wire form of `kept`."""
        defaults = kept.document.defaults
        return cls(
            path=str(kept.path),
            exists=kept.exists,
            file=wire_of(kept.document),
            hash=kept.hash,
            resolved_defaults=ResolvedDefaults(
                security=defaults.security or "full",
                ask=defaults.ask or "off",
                ask_fallback=defaults.ask_fallback or "deny",
                auto_allow_skills=defaults.auto_allow_skills or False,
            ),
        )


@method("exec.approvals.get", scope="operator.admin")
async def get_document(call: Call, params: NoParams) -> DocumentKept:
    """The approvals document. Raises `DocumentUnreadable`."""
    return DocumentKept.of(await asyncio.to_thread(call.gateway.toolbox.exec_document.read))


class SetDocumentParams(Params):
    """The whole new document, and the hash of the one that it replaces."""

    file: dict[str, Any]
    base_hash: str | None = None


@method("exec.approvals.set", scope="operator.admin")
async def set_document(call: Call, params: SetDocumentParams) -> DocumentKept:
    """Replace the approvals document; it holds for the next command.

    Raises `RequestError` for a stale hash, and for a rule that this gateway does not know and so could not hold.
    """
    try:
        new = ApprovalsDocument.model_validate(params.file)
    except ValidationError as error:
        raise RequestError(f"invalid exec.approvals.set params: {first_problem(error)}") from error
    document = call.gateway.toolbox.exec_document
    return DocumentKept.of(await asyncio.to_thread(document.write, new, params.base_hash))
