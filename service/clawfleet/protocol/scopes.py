"""What a caller may do, and which events it may see. Source: protocol §9."""

from __future__ import annotations

from collections.abc import Collection

READ = "operator.read"
WRITE = "operator.write"
ADMIN = "operator.admin"
APPROVALS = "operator.approvals"
QUESTIONS = "operator.questions"
PAIRING = "operator.pairing"
TALK = "operator.talk"

_IMPLIED = {WRITE: {READ, TALK}}

_OPEN_EVENTS = frozenset({"tick", "health", "heartbeat", "shutdown"})
_READ_EVENTS = frozenset({"agent", "chat", "presence"})


def grants(held: Collection[str], needed: str | None) -> bool:
    """Whether someone who holds `held` may do what needs `needed`; None needs nothing, admin may do everything."""
    if needed is None or ADMIN in held or needed in held:
        return True
    return any(needed in _IMPLIED.get(scope, ()) for scope in held)


def may_see(held: Collection[str], event: str) -> bool:
    """Whether an event of that name is sent to a client that holds `held`; unlisted events are withheld."""
    if event in _OPEN_EVENTS:
        return True
    return event in _READ_EVENTS and grants(held, READ)
