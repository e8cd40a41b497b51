"""Profiles are tried in the order that somebody chose, else they take turns."""

from __future__ import annotations

from clawfleet.models.auth.health import Health
from clawfleet.models.auth.order import explicit_order, ordered, preferring
from clawfleet.models.auth.profiles import AuthProfile

NOW = 1_000_000
A, B = AuthProfile("p:a", "p", "api_key", "1"), AuthProfile("p:b", "p", "api_key", "2")
TOKEN, LOGIN = AuthProfile("p:t", "p", "token", "3"), AuthProfile("p:o", "p", "oauth", "4")
ALL = (A, B, TOKEN, LOGIN)


def names(rows: list[AuthProfile]) -> list[str]:
    return [row.id for row in rows]


def test_a_chosen_order_leaves_out_the_rest_and_a_command_beats_the_config() -> None:
    assert names(ordered(ALL, ("p:b", "p:gone", "p:a"), lambda _: Health(), NOW)) == ["p:b", "p:a"]
    assert explicit_order("p", {"p": ["p:b"]}, {"p": ["p:a"]}) == ("p:b",)
    assert explicit_order("p", {}, {"p": ["p:a"]}) == ("p:a",)
    assert explicit_order("q", {}, {"p": ["p:a"]}) is None


def test_without_one_logins_come_first_and_the_longest_rested() -> None:
    used = {"p:a": 20, "p:b": 10}
    rows = ordered(ALL, None, lambda row: Health(last_used_ms=used.get(row.id, 0)), NOW)
    assert names(rows) == ["p:o", "p:t", "p:b", "p:a"]


def test_what_is_left_alone_comes_last_the_soonest_free_first() -> None:
    health = {
        "p:o": Health(disabled_until_ms=NOW + 9),
        "p:t": Health(cooldown_until_ms=NOW + 5),
        "p:a": Health(cooldown_until_ms=NOW + 99, cooldown_model="other"),
        "p:b": Health(cooldown_until_ms=NOW - 1),
    }
    assert names(ordered(ALL, None, lambda row: health[row.id], NOW)) == ["p:a", "p:b", "p:t", "p:o"]


def test_a_pinned_profile_stands_in_front() -> None:
    assert names(preferring(ALL, "p:t")) == ["p:t", "p:a", "p:b", "p:o"]
    assert names(preferring(ALL, "p:gone")) == names(list(ALL))
