"""May this message in a group start a turn? The group, the sender and the mention each have a say.

Pairing never opens a group. Source: channels §2.5, §2.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from clawfleet.config.models.channels import GroupPolicy
from clawfleet.routing.dm import Decision
from clawfleet.routing.recipients import EVERYONE, AllowList

T = TypeVar("T")

NOT_MENTIONED = "not mentioned"


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """One entry of the `groups` map; None means: not said here."""

    enabled: bool | None = None
    require_mention: bool | None = None
    allow_from: AllowList | None = None


@dataclass(frozen=True, slots=True)
class GroupRules:
    """What the operator wrote about the groups of one account.

    `groups` is None when there is no map: every group may then pass to the sender check. `senders` is
    `groupAllowFrom`, or `allowFrom` where that is missing.
    """

    policy: GroupPolicy = "allowlist"
    groups: Mapping[str, GroupEntry] | None = None
    senders: AllowList = field(default_factory=AllowList)

    def entry(self, group_id: str) -> GroupEntry | None:
        """What holds for one group, its own keys before those of `*`; None when the map shuts it out."""
        if self.groups is None:
            return GroupEntry()
        own, default = self.groups.get(group_id), self.groups.get(EVERYONE)
        if own is None or default is None:
            return own or default
        return GroupEntry(
            _first(own.enabled, default.enabled),
            _first(own.require_mention, default.require_mention),
            _first(own.allow_from, default.allow_from),
        )


def decide_group(rules: GroupRules, group_id: str, sender_id: str, *, mentioned: bool) -> Decision:
    """`allow` or `drop` for one group message."""
    entry = rules.entry(group_id)
    if rules.policy == "disabled":
        return Decision("drop", "groupPolicy: disabled")
    if entry is None or entry.enabled is False:
        return Decision("drop", "group not enabled in groups")
    if rules.policy == "allowlist" and (reason := _sender_refused(entry.allow_from or rules.senders, sender_id)):
        return Decision("drop", f"groupPolicy: allowlist, {reason}")
    if not mentioned and entry.require_mention is not False:
        return Decision("drop", NOT_MENTIONED)
    return Decision("allow", f"groupPolicy: {rules.policy}")


def _sender_refused(senders: AllowList, sender_id: str) -> str | None:
    if not senders.ids and not senders.everyone:
        return "no group allowlist entries"
    return None if senders.admits(sender_id) else "sender not listed"


def _first(own: T | None, default: T | None) -> T | None:
    return default if own is None else own
