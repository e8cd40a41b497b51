"""Groups: silent unless the group, the sender and the mention all agree."""

import pytest

from clawfleet.routing.groups import GroupEntry, GroupRules, decide_group
from clawfleet.routing.recipients import AllowList, allow_list

AL = allow_list("telegram", ["42"])
EVERYONE = allow_list("telegram", ["*"])


def verdict(rules: GroupRules, *, sender: str = "42", mentioned: bool = True, group: str = "-100") -> str:
    return decide_group(rules, group, sender, mentioned=mentioned).verdict


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (GroupRules(), False),
        (GroupRules(senders=AL), True),
        (GroupRules(senders=EVERYONE), True),
        (GroupRules(senders=allow_list("telegram", ["7"])), False),
        (GroupRules("open"), True),
        (GroupRules("disabled", senders=EVERYONE), False),
        (GroupRules(groups={"-100": GroupEntry()}, senders=AL), True),
        (GroupRules(groups={"-200": GroupEntry()}, senders=AL), False),
        (GroupRules(groups={"*": GroupEntry()}, senders=AL), True),
        (GroupRules("open", groups={"-100": GroupEntry(enabled=False)}), False),
        (GroupRules(groups={"-100": GroupEntry(allow_from=AL)}), True),
        (GroupRules(groups={"-100": GroupEntry(allow_from=AllowList())}, senders=AL), False),
    ],
)
def test_a_mentioned_message_of_a_sender_passes_only_where_both_are_allowed(rules: GroupRules, allowed: bool) -> None:
    assert verdict(rules) == ("allow" if allowed else "drop")


def test_the_map_alone_admits_no_sender_and_says_what_is_missing() -> None:
    decision = decide_group(GroupRules(groups={"*": GroupEntry()}), "-100", "42", mentioned=True)
    assert (decision.verdict, decision.reason) == ("drop", "groupPolicy: allowlist, no group allowlist entries")


@pytest.mark.parametrize(
    ("groups", "needed"),
    [
        (None, True),
        ({"-100": GroupEntry(require_mention=False)}, False),
        ({"*": GroupEntry(require_mention=False)}, False),
        ({"*": GroupEntry(require_mention=False), "-100": GroupEntry(require_mention=True)}, True),
        ({"*": GroupEntry(require_mention=False), "-100": GroupEntry()}, False),
        ({"*": GroupEntry(), "-100": GroupEntry(require_mention=False)}, False),
    ],
)
def test_a_mention_is_needed_unless_the_group_or_the_star_says_otherwise(
    groups: dict[str, GroupEntry] | None, needed: bool
) -> None:
    assert verdict(GroupRules("open", groups=groups), mentioned=False) == ("drop" if needed else "allow")
