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

SCOPES = (READ, WRITE, ADMIN, APPROVALS, QUESTIONS, PAIRING, TALK)

_IMPLIED = {WRITE: {READ, TALK}}

_EVENT_NEEDS: dict[str, str | None] = {
    **dict.fromkeys(("tick", "health", "heartbeat", "shutdown", "update.available"), None),
    **dict.fromkeys(("agent", "chat", "presence", "cron", "config.changed", "voicewake.changed"), READ),
    **dict.fromkeys(("sessions.changed", "session.message", "progressCard.changed", "node.presence"), READ),
    **dict.fromkeys(("users.prefs.changed",), READ),
    **dict.fromkeys(("exec.approval.requested", "exec.approval.resolved"), APPROVALS),
    **dict.fromkeys(("device.pair.requested", "device.pair.resolved", "device.pair.changed"), PAIRING),
    **dict.fromkeys(("node.pair.requested", "node.pair.resolved"), PAIRING),
}
"""The scope that an event asks of those who get it; None asks none."""


def grants(held: Collection[str], needed: str | None) -> bool:
    """Whether someone who holds `held` may do what needs `needed`; None needs nothing, admin may do everything."""
    if needed is None or ADMIN in held or needed in held:
        return True
    return any(needed in _IMPLIED.get(scope, ()) for scope in held)


def may_see(held: Collection[str], event: str) -> bool:
    """Whether an event of that name is sent to a client that holds `held`; unlisted events are withheld."""
    return event in _EVENT_NEEDS and grants(held, _EVENT_NEEDS[event])


def event_scope(event: str) -> str | None:
    """The scope that an event asks of those who get it; None when it asks none or is sent to chosen clients only."""
    return _EVENT_NEEDS.get(event)
