"""What waits for a person's yes or no. A request lives half an hour and is asked only when somebody can answer it.

Kept in memory: after a restart nothing that asked is still there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError, RequestError
from clawfleet.core.ids import new_id
from clawfleet.core.requester import Requester
from clawfleet.tools.exec_policy import Choice

LIFE_MS = 30 * 60 * 1000
MOST_PENDING = 64
MOST_KEPT = 200
"""Requests that are over and can still be looked at."""

Reason = Literal["user", "no-route", "timeout"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to run, and in whose name. `allowed` are the answers there may be.

    `requester` is whose message led to it, where one did.
    """

    command: str
    allowed: tuple[Choice, ...]
    cwd: str | None = None
    host: str | None = None
    node_id: str | None = None
    security: str | None = None
    ask: str | None = None
    warning: str | None = None
    agent_id: str | None = None
    session_key: str | None = None
    run_id: str | None = None
    tool_call_id: str | None = None
    resolved_path: str | None = None
    requester: Requester | None = None


@dataclass(slots=True)
class Approval:
    """One request. `asker` is the connection that asked, None for a tool; `decision` None while it waits.

    `reason` says how it ended: by a person, because nobody could answer, or because its time was over.
    """

    id: str
    asked: Asked
    created_at_ms: int
    expires_at_ms: int
    asker: str | None = None
    decision: Choice | None = None
    reason: Reason | None = None
    resolved_by: str | None = None
    resolved_at_ms: int | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def is_allowed(self) -> bool:
        """Whether somebody said yes."""
        return self.decision in ("allow-once", "allow-always")


class NoSuchApproval(RequestError):
    """Nothing of that id waits."""

    code = "APPROVAL_NOT_FOUND"

    def __init__(self, message: str = "unknown or expired approval id") -> None:
        super().__init__(
            message,
            reason="APPROVAL_NOT_FOUND",
            remediation="Re-request the action; pending approvals are cleared after expiry or restart.",
        )


class AlreadyResolved(RequestError):
    """Somebody was first, with another answer."""

    code = "APPROVAL_ALREADY_RESOLVED"

    def __init__(self) -> None:
        super().__init__("approval already resolved", reason="APPROVAL_ALREADY_RESOLVED")


class TooManyApprovals(GatewayError):
    """As many requests wait as are kept."""

    code = "APPROVALS_FULL"

    def __init__(self) -> None:
        super().__init__(f"{MOST_PENDING} approvals wait already", hint="answer those that wait")


class Approvals:
    """All requests of the gateway. `announce` tells those who can answer and says how many they are; `settled` is
    told of every end."""

    def __init__(self) -> None:
        self._all: dict[str, Approval] = {}
        self.announce: Callable[[Approval], int] = lambda approval: 0
        self.settled: Callable[[Approval], None] = lambda approval: None

    def request(
        self,
        asked: Asked,
        *,
        life_ms: int = LIFE_MS,
        approval_id: str | None = None,
        asker: str | None = None,
        has_chat: bool = False,
    ) -> Approval:
        """Ask; with nobody to answer it is over at once. `has_chat`: somebody is asked in a chat besides.

        Raises `RequestError` for a taken id, `TooManyApprovals`.
        """
        if approval_id is not None and approval_id in self._all:
            raise RequestError("approval id already pending")
        if len(self.pending()) >= MOST_PENDING:
            raise TooManyApprovals
        at = now_ms()
        approval = Approval(approval_id or new_id(), asked, at, at + min(life_ms, LIFE_MS), asker)
        self._keep(approval)
        if self.announce(approval) == 0 and not has_chat:
            self._end(approval, None, "no-route", "no-approval-route")
        else:
            delay_s = (approval.expires_at_ms - at) / 1000
            asyncio.get_running_loop().call_later(delay_s, self._expire, approval)
        return approval

    def resolve(self, approval_id: str, decision: str, by: str) -> Approval:
        """Answer; the same answer again is fine.

        Raises `NoSuchApproval`, `AlreadyResolved`, `RequestError` for an answer that there is not.
        """
        approval = self._all.get(approval_id)
        if approval is None or approval.reason == "timeout":
            raise NoSuchApproval
        answer = next((choice for choice in ("allow-once", "allow-always", "deny") if choice == decision), None)
        if answer is None:
            raise RequestError("invalid decision")
        if approval.over.is_set():
            if approval.decision == answer and approval.reason == "user":
                return approval
            raise AlreadyResolved
        if answer not in approval.asked.allowed:
            raise RequestError(f"{answer} is unavailable for this command")
        self._end(approval, answer, "user", by)
        return approval

    async def wait(self, approval_id: str) -> Approval:
        """The request once it is over. Raises `NoSuchApproval`."""
        approval = self._all.get(approval_id)
        if approval is None:
            raise NoSuchApproval("approval expired or not found")
        await approval.over.wait()
        return approval

    def get(self, approval_id: str) -> Approval | None:
        """The request of that id, waiting or over."""
        return self._all.get(approval_id)

    def pending(self) -> tuple[Approval, ...]:
        """Those that wait, oldest first."""
        return tuple(approval for approval in self._all.values() if not approval.over.is_set())

    def history(self, limit: int) -> tuple[Approval, ...]:
        """Those that are over, newest first."""
        return tuple(approval for approval in reversed(self._all.values()) if approval.over.is_set())[:limit]

    def withdraw(self, approval: Approval) -> None:
        """Whoever asked does not want to know any more."""
        if not approval.over.is_set():
            self._end(approval, None, "timeout", "withdrawn")

    def _keep(self, approval: Approval) -> None:
        over = [each.id for each in self._all.values() if each.over.is_set()]
        for old in over[: max(0, len(over) + 1 - MOST_KEPT)]:
            del self._all[old]
        self._all[approval.id] = approval

    def _expire(self, approval: Approval) -> None:
        if not approval.over.is_set():
            self._end(approval, None, "timeout", "approval-timeout")

    def _end(self, approval: Approval, decision: Choice | None, reason: Reason, by: str) -> None:
        approval.decision, approval.reason, approval.resolved_by = decision, reason, by
        approval.resolved_at_ms = now_ms()
        approval.over.set()
        if reason != "no-route":
            self.settled(approval)
