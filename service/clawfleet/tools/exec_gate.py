"""Stands before every command on the gateway's host: lets it through, asks a person, or refuses it.

Source: tools-and-sessions §3.3.
"""

from __future__ import annotations

import asyncio
import shutil

from clawfleet.config.models.tools import ExecConfig
from clawfleet.core.clock import now_ms
from clawfleet.core.ids import new_id
from clawfleet.tools.approvals import Approval, Approvals, Asked
from clawfleet.tools.base import ToolContext
from clawfleet.tools.exec_document import DocumentUnreadable, ExecDocument
from clawfleet.tools.exec_policy import (
    Policy,
    Program,
    choices,
    entry_for,
    policy_for,
    verdict,
    without_answer,
    words_of,
)
from clawfleet.tools.failures import ToolDenied

CURE = "set tools.exec.mode (deny, allowlist, ask, full), or the approvals document with exec.approvals.set"


class ExecGate:
    """The approvals document, and the people who may be asked."""

    def __init__(self, document: ExecDocument, approvals: Approvals) -> None:
        self._document = document
        self._approvals = approvals

    async def check(self, config: ExecConfig, context: ToolContext, line: str, cwd: str, search: str) -> None:
        """Return when `line` may run in `cwd`; `search` is the PATH that programs are found by. Raises `ToolDenied`."""
        try:
            kept = await asyncio.to_thread(self._document.read)
        except DocumentUnreadable as error:
            raise ToolDenied(f"exec denied: {error.message}", hint=error.hint) from error
        policy = policy_for(config, kept.document, context.agent_id)
        if policy.security == "full" and policy.ask == "off":
            return
        words = words_of(line)
        path = await asyncio.to_thread(shutil.which, words[0], path=search) if words else None
        program = Program(line, words, path, cwd)
        match verdict(policy, program):
            case "run":
                return
            case "deny":
                raise ToolDenied(f"exec denied: {_why(policy)}: {line}", hint=CURE)
            case "ask":
                await self._ask(policy, program, context)

    async def _ask(self, policy: Policy, program: Program, context: ToolContext) -> None:
        approval = self._approvals.request(
            Asked(
                command=program.line,
                allowed=choices(policy.ask, program),
                cwd=program.cwd,
                host="gateway",
                security=policy.security,
                ask=policy.ask,
                agent_id=context.agent_id,
                session_key=context.session_key,
                run_id=context.run_id,
                tool_call_id=context.tool_call_id,
                resolved_path=program.path,
            )
        )
        try:
            await approval.over.wait()
        finally:
            self._approvals.withdraw(approval)
        if approval.is_allowed:
            if approval.decision == "allow-always":
                entry = entry_for(program, new_id(), now_ms())
                await asyncio.to_thread(self._document.allow, context.agent_id, entry)
            return
        if approval.reason != "user" and without_answer(policy, program):
            return
        raise _refused(approval, policy, program)


def _refused(approval: Approval, policy: Policy, program: Program) -> ToolDenied:
    if approval.reason == "no-route":
        return ToolDenied(
            "exec denied: Headless runs cannot wait for interactive exec approval. "
            f"Effective policy: security={policy.security} ask={policy.ask} askFallback={policy.fallback}.",
            hint=f"Connect a client that can approve (Control UI), or {CURE}.",
        )
    how = "user-denied" if approval.reason == "user" else "approval-timeout"
    return ToolDenied(f"Exec denied (gateway id={approval.id}, {how}): {program.line}")


def _why(policy: Policy) -> str:
    if policy.security == "deny":
        return "commands on the gateway's host are switched off"
    return "the command is not on the allowlist"
