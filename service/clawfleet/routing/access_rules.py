"""What a channel's config section says about who may write, in the form that the policies decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from clawfleet.config.models.channels import DmPolicy, GroupPolicy
from clawfleet.config.models.channels import GroupRules as GroupSection
from clawfleet.routing.groups import GroupEntry, GroupRules
from clawfleet.routing.recipients import AllowList, allow_list


class AccessSection(Protocol):
    """The keys that every channel's section has in common."""

    @property
    def dm_policy(self) -> DmPolicy: ...
    @property
    def allow_from(self) -> Sequence[str]: ...
    @property
    def group_policy(self) -> GroupPolicy: ...
    @property
    def group_allow_from(self) -> Sequence[str]: ...
    @property
    def groups(self) -> Mapping[str, GroupSection] | None: ...


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Who may write to one account, directly and in groups."""

    dm_policy: DmPolicy = "pairing"
    allow_from: AllowList = field(default_factory=AllowList)
    groups: GroupRules = field(default_factory=GroupRules)


def access_rules(channel: str, section: AccessSection) -> AccessRules:
    """The rules of `channel` as `section` states them. Source: channels §2.3 to §2.6."""
    groups = section.groups
    return AccessRules(
        dm_policy=section.dm_policy,
        allow_from=allow_list(channel, section.allow_from),
        groups=GroupRules(
            policy=section.group_policy,
            groups=None if groups is None else {key: _entry(channel, group) for key, group in groups.items()},
            senders=allow_list(channel, section.group_allow_from or section.allow_from),
        ),
    )


def _entry(channel: str, group: GroupSection) -> GroupEntry:
    said = group.model_fields_set
    return GroupEntry(
        enabled=group.enabled if "enabled" in said else None,
        require_mention=group.require_mention if "require_mention" in said else None,
        allow_from=None if group.allow_from is None else allow_list(channel, group.allow_from),
    )
