"""From the config section to the rules that the policies decide on."""

from clawfleet.config.models.channels import Telegram
from clawfleet.routing.access_rules import access_rules
from clawfleet.routing.groups import decide_group


def test_an_empty_section_pairs_strangers_and_is_deaf_in_groups() -> None:
    rules = access_rules("telegram", Telegram())
    assert rules.dm_policy == "pairing"
    assert decide_group(rules.groups, "-1", "42", mentioned=True).verdict == "drop"


def test_group_senders_fall_back_to_allow_from() -> None:
    fallback = access_rules("telegram", Telegram.model_validate({"allowFrom": ["tg:42"]}))
    own = access_rules("telegram", Telegram.model_validate({"allowFrom": ["tg:42"], "groupAllowFrom": [7]}))
    assert fallback.groups.senders.ids == {"42"}
    assert own.groups.senders.ids == {"7"}
    assert own.allow_from.ids == {"42"}


def test_what_a_group_does_not_say_is_left_to_the_star() -> None:
    section = Telegram.model_validate({"groupPolicy": "open", "groups": {"*": {"requireMention": False}, "-1": {}}})
    rules = access_rules("telegram", section)
    assert decide_group(rules.groups, "-1", "42", mentioned=False).verdict == "allow"


def test_a_group_can_name_its_own_senders() -> None:
    section = Telegram.model_validate({"groups": {"-1": {"allowFrom": ["42"], "requireMention": False}}})
    rules = access_rules("telegram", section)
    assert decide_group(rules.groups, "-1", "42", mentioned=False).verdict == "allow"
    assert decide_group(rules.groups, "-1", "43", mentioned=False).verdict == "drop"
