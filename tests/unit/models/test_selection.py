"""Which model an agent uses, what after it, and which may be chosen."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.models.refs import ModelRef
from clawfleet.models.selection import Selection

X, Y = ModelRef("lan", "x"), ModelRef("openai", "gpt-5.4")


def selection(defaults: dict[str, Any], **entries: dict[str, Any]) -> Selection:
    providers = {"lan": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "x"}]}}
    agents = {"defaults": defaults, "entries": entries}
    return Selection(Config.model_validate({"agents": agents, "models": {"providers": providers}}))


def test_an_agents_own_model_falls_back_only_when_it_says_so() -> None:
    chosen = selection(
        {"model": {"primary": "a/1", "fallbacks": ["b/2"]}},
        plain={},
        strict={"model": "c/3"},
        own={"model": {"primary": "c/3", "fallbacks": ["d/4"]}},
        inherits={"model": {"fallbacks": ["e/5"]}},
        none={"model": {"fallbacks": []}},
    )
    assert (chosen.primary("plain"), chosen.fallbacks("plain")) == ("a/1", ("b/2",))
    assert (chosen.primary("strict"), chosen.fallbacks("strict")) == ("c/3", ())
    assert (chosen.primary("own"), chosen.fallbacks("own")) == ("c/3", ("d/4",))
    assert (chosen.primary("inherits"), chosen.fallbacks("inherits")) == ("a/1", ("e/5",))
    assert chosen.fallbacks("none") == ()


def test_an_agents_own_aliases_come_first() -> None:
    common = {"models": {"a/1": {"alias": "Fast"}, "b/2": {"alias": "GLM 4.7 (Cerebras)"}}}
    chosen = selection(common, one={"models": {"c/3": {"alias": "fast"}}})
    assert chosen.aliases(None)["fast"] == ModelRef("a", "1")
    assert chosen.aliases("one")["fast"] == ModelRef("c", "3")
    assert chosen.aliases("one")["glm 4.7 (cerebras)"] == ModelRef("b", "2")


def test_the_model_for_pictures_has_fallbacks_too() -> None:
    chosen = selection({"imageModel": {"primary": "a/1", "fallbacks": ["b/2"]}}, one={"imageModel": "c/3"})
    assert chosen.image_models(None) == ("a/1", "b/2")
    assert chosen.image_models("one") == ("c/3",)


@pytest.mark.parametrize(
    ("defaults", "allowed"),
    [
        ({}, True),
        ({"models": {"a/1": {}}}, False),
        ({"models": {"openai/gpt-5.4": {}}}, True),
        ({"models": {"openai/*": {}}}, True),
        ({"models": {"a/1": {}}, "model": {"primary": "a/1", "fallbacks": ["openai/gpt-5.4"]}}, True),
        ({"models": {"a/1": {}}, "modelPolicy": {"allow": []}}, True),
        ({"modelPolicy": {"allow": ["a/1"]}}, False),
        ({"modelPolicy": {"allow": ["openai/gpt-*"]}}, True),
        ({"modelPolicy": {"allow": ["mine"]}, "models": {"openai/gpt-5.4": {"alias": "mine"}}}, True),
    ],
)
def test_what_may_be_chosen(defaults: dict[str, Any], allowed: bool) -> None:
    assert selection(defaults).allows(Y, "main") is allowed


def test_what_the_operator_described_is_allowed_unless_a_policy_leaves_it_out() -> None:
    assert selection({"models": {"a/1": {}}}).allows(X, "main")
    assert not selection({"modelPolicy": {"allow": ["a/1"]}}).allows(X, "main")
    assert selection({"modelPolicy": {"allow": ["a/1"]}}, one={"modelPolicy": {"allow": ["lan/*"]}}).allows(X, "one")


def test_what_is_sent_comes_from_four_places_and_the_agents_own_wins() -> None:
    options = {"lan/x": {"params": {"b": 2, "c": 2, "d": 2}}, "lan/y": {"params": {"z": 9}}}
    chosen = selection(
        {"params": {"a": 1, "b": 1, "c": 1, "d": 1}, "models": options},
        own={"models": {"LAN/x": {"params": {"c": 3, "d": 3}}}, "params": {"d": 4}},
    )
    assert chosen.params(X, "own") == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert chosen.params(X, None) == {"a": 1, "b": 2, "c": 2, "d": 2}
    assert chosen.params(Y, "own") == {"a": 1, "b": 1, "c": 1, "d": 4}
