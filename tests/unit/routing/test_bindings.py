"""Which agent answers: the most specific binding, then the earlier one, then the default agent."""

from dataclasses import replace
from typing import Any

import pytest

from clawfleet.config.models.bindings import Binding
from clawfleet.routing.bindings import Route, Whence, pick_route

THREAD = Whence(
    "discord",
    "work",
    "channel",
    "thread-9",
    parent_id="room-1",
    guild_id="guild",
    team_id="team",
    roles=frozenset({"admin"}),
)


def rule(agent: str, **match: Any) -> Binding:
    return Binding.model_validate({"agentId": agent, "match": {"channel": "discord", "accountId": "work", **match}})


TIERS = [
    ("binding.channel", rule("channel", accountId="*")),
    ("binding.account", rule("account")),
    ("binding.team", rule("team", teamId="team")),
    ("binding.guild", rule("guild", guildId="guild")),
    ("binding.guild+roles", rule("roles", guildId="guild", roles=["admin", "boss"])),
    ("binding.peer.wildcard", rule("wildcard", peer={"kind": "group", "id": "*"})),
    ("binding.peer.parent", rule("parent", peer={"kind": "channel", "id": "room-1"})),
    ("binding.peer", rule("peer", peer={"kind": "channel", "id": "thread-9"})),
]


def test_the_most_specific_rule_wins_and_after_it_the_next() -> None:
    """All eight tiers in one config, weakest first; the winner is taken away step by step."""
    rules = list(TIERS)
    while rules:
        route = pick_route([binding for _, binding in rules], THREAD, "main")
        assert (route.matched_by, route.binding) == rules.pop()
    assert pick_route([], THREAD, "main") == Route("main", "default")


def test_of_equals_the_earlier_one_wins() -> None:
    assert pick_route([rule("one"), rule("two")], THREAD, "main").agent_id == "one"


@pytest.mark.parametrize(
    "match",
    [
        {"channel": "slack"},
        {"accountId": "other"},
        {"guildId": "other"},
        {"teamId": "other"},
        {"guildId": "guild", "roles": ["boss"]},
        {"peer": {"kind": "direct", "id": "thread-9"}},
        {"peer": {"kind": "channel", "id": "thread-9"}, "guildId": "other"},
        {"peer": {"kind": "channel", "id": "elsewhere"}},
    ],
)
def test_everything_that_a_rule_names_must_fit(match: dict[str, Any]) -> None:
    assert pick_route([rule("x", **match)], THREAD, "main").matched_by == "default"


def test_without_an_account_the_one_named_default_is_meant() -> None:
    plain = Binding.model_validate({"agentId": "Ops", "match": {"channel": "Discord"}})
    assert pick_route([plain], THREAD, "main").agent_id == "main"
    assert pick_route([plain], replace(THREAD, account="default"), "main").agent_id == "ops"


def test_groups_and_rooms_are_one_and_older_words_are_read() -> None:
    room = rule("a", peer={"kind": "group", "id": "channel:thread-9"})
    assert pick_route([room], THREAD, "main").agent_id == "a"
    person = rule("b", peer={"kind": "dm", "id": 42})
    direct = Whence("discord", "work", "direct", "42")
    assert pick_route([person], direct, "main").agent_id == "b"


def test_bindings_of_other_kinds_route_nothing() -> None:
    acp = Binding.model_validate({"agentId": "a", "type": "acp", "match": {"channel": "discord", "accountId": "*"}})
    assert pick_route([acp], THREAD, "main").matched_by == "default"
