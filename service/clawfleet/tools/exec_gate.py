"""Stands before every command on the gateway's host: lets it through, asks a person, or refuses it.

Source: tools-and-sessions §3.3.
"""

from __future__ import annotations

import asyncio
import logging
import shutil

from clawfleet.config.models.tools import ExecConfig
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import ChannelError
from clawfleet.core.ids import new_id
from clawfleet.core.requester import Requester
from clawfleet.tools.approvals import Approval, Approvals, Asked
from clawfleet.tools.base import ToolContext
from clawfleet.tools.desk import Chat, Desk, Letter
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

log = logging.getLogger("clawfleet.tools.exec")

CURE = "set tools.exec.mode (deny, allowlist, ask, full), or the approvals document with exec.approvals.set"


class ExecGate:
    """The approvals document, and the people who may be asked.

    `requester` is whose message led to the command. When they may approve and came from a chat, they are asked there.
    """

    def __init__(
        self, document: ExecDocument, approvals: Approvals, requester: Requester | None = None, desk: Desk | None = None
    ) -> None:
        self._document = document
        self._approvals = approvals
        self._requester = requester
        self._desk = desk

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
        chat = self._chat(context.run_id)
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
                requester=self._requester,
            ),
            has_chat=chat is not None,
        )
        try:
            if chat is not None and not approval.over.is_set():
                await self._ask_in(chat, approval)
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

    def _chat(self, run_id: str) -> Chat | None:
        """Where the one who asked may be asked in turn."""
        if self._desk is None or self._requester is None or not self._requester.may_approve:
            return None
        return self._desk.chat_of(run_id)

    async def _ask_in(self, chat: Chat, approval: Approval) -> None:
        """Put the question into a chat. That it cannot be sent keeps nobody else from answering it."""
        assert self._desk is not None
        try:
            await self._desk.send(Letter(chat.route, chat.to, question(approval), chat.thread_id))
        except ChannelError as error:
            log.warning("approval %s could not be asked for on %s: %s", approval.id, chat.route.channel, error)


def question(approval: Approval) -> str:
    """What a person in a chat reads, with the answers to copy."""
    minutes = max(1, round((approval.expires_at_ms - now_ms()) / 60_000))
    answers = "\n".join(f"/approve {approval.id} {choice}" for choice in approval.asked.allowed)
    return (
        f"🔒 Approval required to run a command on {approval.asked.host} in {approval.asked.cwd}:\n"
        f"```\n{approval.asked.command}\n```\nAnswer within {minutes} min:\n{answers}"
    )


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
