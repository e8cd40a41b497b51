"""What the fleet owns of a config."""

from __future__ import annotations

from clawfleet.fleet.overlay import contradicted, deep_merge, owned_config, value_at, variables


def test_merge_keeps_what_people_wrote_and_wins_where_it_speaks() -> None:
    """Objects meet key by key; lists and values are replaced; the inputs stay as they are."""
    base = {"a": {"x": 1, "y": 2}, "keep": True, "list": [1, 2]}
    over = {"a": {"y": 3, "z": {"deep": 1}}, "list": [9]}
    assert deep_merge(base, over) == {"a": {"x": 1, "y": 3, "z": {"deep": 1}}, "keep": True, "list": [9]}
    assert base == {"a": {"x": 1, "y": 2}, "keep": True, "list": [1, 2]}


def test_merge_replaces_a_value_by_an_object() -> None:
    """An overlay wins over a value of another kind."""
    assert deep_merge({"a": 1}, {"a": {"b": 2}}) == {"a": {"b": 2}}


def test_the_token_is_a_reference() -> None:
    """The value never stands in the config."""
    own = owned_config(18789, "loopback", "/w", "OPENCLAW_GATEWAY_TOKEN")
    assert value_at(own, "gateway.auth.token") == "${OPENCLAW_GATEWAY_TOKEN}"
    assert value_at(own, "gateway.mode") == "local"


def test_variables_are_found_at_any_depth_and_escapes_are_not() -> None:
    """`$${X}` is text, `${lower}` is no variable."""
    tree = {"a": "${ONE}/x/${TWO}", "b": [{"c": "$${NOT}"}, "${lower}", 3], "d": "$$${NOR}"}
    assert sorted(variables(tree)) == ["ONE", "TWO"]


def test_a_config_that_says_the_same_does_not_contradict() -> None:
    """Only a differing value is a contradiction."""
    own = owned_config(1, "lan", "/w", "T")
    assert contradicted(deep_merge(own, {"gateway": {"port": 1}}), own) == []
    assert contradicted(deep_merge(own, {"gateway": {"port": 2}}), own) == ["gateway.port"]
