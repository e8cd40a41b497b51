"""May this person write to us directly? Decides only; the pairing reply and the log line are made elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from clawfleet.config.models.channels import DmPolicy
from clawfleet.routing.recipients import AllowList


@dataclass(frozen=True, slots=True)
class Decision:
    """`pair`: answer with a pairing code and drop the message. `reason` is for the log, without the message."""

    verdict: Literal["allow", "pair", "drop"]
    reason: str


def decide(policy: DmPolicy, allow_from: AllowList, approved: Collection[str], sender_id: str) -> Decision:
    """What happens to a direct message of `sender_id`.

    `approved` are the senders of the pairing store; they count under `pairing` only. `open` admits everybody only
    when `allowFrom` says `"*"`. Source: channels §2.3 (the shipped code, not the docs page that differs).
    """
    reason = f"dmPolicy={policy}"
    if policy == "disabled":
        return Decision("drop", reason)
    if allow_from.admits(sender_id):
        return Decision("allow", reason)
    if policy == "pairing":
        return Decision("allow" if sender_id in approved else "pair", reason)
    return Decision("drop", reason)
