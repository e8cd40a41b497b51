"""`/approve`: answers what waits for a person's yes. It does not wait for the turn that asks: commands have no lane."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.core.errors import GatewayError

DECISIONS = {
    **dict.fromkeys(("allow-once", "allow", "once", "yes"), "allow-once"),
    **dict.fromkeys(("allow-always", "always"), "allow-always"),
    **dict.fromkeys(("deny", "reject", "no"), "deny"),
}
USAGE = "Usage: /approve <id> <decision> (allow-once, allow-always, deny)"


async def _answer(typed: Typed) -> str:
    words = typed.rest.split()
    if len(words) != 2 or (decision := DECISIONS.get(words[1].lower())) is None:
        return USAGE
    asked = typed.requester
    if asked is None or not asked.may_approve:
        return (
            "⚠️ You may not answer approvals: it takes the scope operator.approvals, "
            "or in a chat an id of commands.ownerAllowFrom."
        )
    try:
        typed.desk.toolbox.approvals.resolve(words[0], decision, f"{asked.channel}:{asked.sender_id or 'unknown'}")
    except GatewayError as error:
        return f"❌ Failed to submit approval: {error.message}"
    return f"✅ Approval {decision} submitted for {words[0]}."


APPROVE = Command(
    "approve",
    "Answer a command that waits for approval.",
    "management",
    _answer,
    arguments=(
        Argument("id", "which one"),
        Argument("decision", "what to do", ("allow-once", "allow-always", "deny")),
    ),
)
