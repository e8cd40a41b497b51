"""Older spellings mean what today's do. Source: config-and-cli §2.5."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.aliases import normalise


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"agents": {"list": [{"id": "main", "default": True}, {"id": "coding"}]}},
            {"agents": {"entries": {"main": {"id": "main", "default": True}, "coding": {"id": "coding"}}}},
        ),
        ({"agents": {"entries": {"Main": {"name": "M"}}}}, {"agents": {"entries": {"main": {"name": "M"}}}}),
        ({"identity": {"name": "C"}}, {"agents": {"entries": {"main": {"identity": {"name": "C"}}}}}),
        (
            {"identity": {"name": "C"}, "agents": {"entries": {"a": {}, "b": {"default": True}}}},
            {"agents": {"entries": {"a": {}, "b": {"default": True, "identity": {"name": "C"}}}}},
        ),
        (
            {"identity": {"name": "C"}, "agents": {"entries": {"a": {"identity": {"name": "A"}}}}},
            {"agents": {"entries": {"a": {"identity": {"name": "A"}}}}},
        ),
        ({"env": {"A": "1", "vars": {"B": "2"}}}, {"env": {"vars": {"B": "2", "A": "1"}}}),
        ({"env": {"A": "flat", "vars": {"A": "nested"}}}, {"env": {"vars": {"A": "nested"}}}),
        ({"tools": {"exec": {"timeoutSec": 5}}}, {"tools": {"exec": {"timeoutSeconds": 5}}}),
        ({"tools": {"experimental": {"planTool": False}}}, {"tools": {"updatePlan": False}}),
        (
            {"plugins": {"entries": {"brave": {"config": {"webSearch": {"apiKey": "k", "mode": "web"}}}}}},
            {
                "plugins": {"entries": {"brave": {"config": {"webSearch": {"mode": "web"}}}}},
                "tools": {"web": {"search": {"apiKey": "k"}}},
            },
        ),
        (
            {"plugins": {"entries": {"amazon-bedrock": {"config": {"discovery": {"region": "r", "enabled": True}}}}}},
            {
                "plugins": {"entries": {"amazon-bedrock": {"config": {"discovery": {"enabled": True}}}}},
                "models": {"bedrockDiscovery": {"region": "r"}},
            },
        ),
        (
            {"agents": {"defaults": {"sandbox": {"perSession": True}}}},
            {"agents": {"defaults": {"sandbox": {"scope": "session"}}}},
        ),
        (
            {"agents": {"list": [{"id": "a", "sandbox": {"perSession": False}}]}},
            {"agents": {"entries": {"a": {"id": "a", "sandbox": {"scope": "shared"}}}}},
        ),
        (
            {"models": {"providers": {"x": {"baseURL": "u", "api": "openai"}}}},
            {"models": {"providers": {"x": {"baseUrl": "u", "api": "openai-completions"}}}},
        ),
        ({"channels": {"telegram": {"token": "t"}}}, {"channels": {"telegram": {"botToken": "t"}}}),
        (
            {"channels": {"defaults": {"groupPolicy": "open"}, "telegram": {"enabled": True}}},
            {"channels": {"telegram": {"enabled": True, "groupPolicy": "open"}}},
        ),
        (
            {"channels": {"defaults": {"groupPolicy": "open"}, "telegram": {"groupPolicy": "disabled"}}},
            {"channels": {"telegram": {"groupPolicy": "disabled"}}},
        ),
        ({"gateway": {"bind": "192.0.2.7"}}, {"gateway": {"bind": "custom", "customBindHost": "192.0.2.7"}}),
        ({"gateway": {"bind": "0.0.0.0"}}, {"gateway": {"bind": "lan"}}),
        ({"gateway": {"bind": "127.0.0.1"}}, {"gateway": {"bind": "loopback"}}),
        ({"gateway": {"bind": "::1"}}, {"gateway": {"bind": "loopback"}}),
        ({"gateway": {"bind": "lan"}}, {"gateway": {"bind": "lan"}}),
    ],
)
def test_spellings(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Read as today's; what was given stays as it is."""
    before = repr(old)
    assert normalise(old).tree == new
    assert repr(old) == before


def test_both_rosters_are_one() -> None:
    """entries first, then the list."""
    both = {"agents": {"entries": {"a": {}}, "list": [{"id": "b"}]}}
    assert list(normalise(both).tree["agents"]["entries"]) == ["a", "b"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, 'Invalid input: expected an object with an "id"'),
        ({"id": 5}, 'Invalid input: expected an object with an "id"'),
        ("x", 'Invalid input: expected an object with an "id"'),
        ({"id": "main"}, 'Invalid input: agent "main" is there already'),
    ],
)
def test_list_items_that_are_no_agents(row: object, message: str) -> None:
    """Reported at their place in the list."""
    done = normalise({"agents": {"list": [{"id": "main"}, row]}})
    assert [problem.message for problem in done.errors] == [message]
    assert done.errors[0].path[:3] == ("agents", "list", 1)


def test_places_lead_back_to_what_was_written() -> None:
    """A message about an agent names the list item."""
    done = normalise({"agents": {"list": [{"id": "Main"}]}, "tools": {"exec": {"timeoutSec": "x"}}})
    assert done.written_at(("agents", "entries", "main", "model")) == ("agents", "list", 0, "model")
    assert done.written_at(("tools", "exec", "timeoutSeconds")) == ("tools", "exec", "timeoutSec")
    assert done.written_at(("gateway", "port")) == ("gateway", "port")


def test_an_older_spelling_is_noted_and_an_equal_one_is_not() -> None:
    """agents.list is as good as agents.entries."""
    done = normalise({"agents": {"list": [{"id": "a"}]}, "env": {"K": "v"}})
    assert [(note.path, note.message) for note in done.notes] == [(("env", "K"), "older spelling, read as env.vars.K")]


@pytest.mark.parametrize(
    "tree",
    [
        {"agents": 5, "env": [], "channels": "x", "models": {"providers": 3}, "gateway": None, "tools": {"exec": 1}},
        {"agents": {"entries": []}, "channels": {"defaults": 1, "telegram": 2}},
        {},
    ],
)
def test_nonsense_is_left_for_the_models_to_refuse(tree: dict[str, Any]) -> None:
    """Normalising never fails and never hides a wrong type."""
    done = normalise(tree)
    for key in ("agents", "env", "models", "tools"):
        assert done.tree.get(key) == tree.get(key)


def test_a_roster_that_is_no_list_is_told_by_its_name() -> None:
    """And is not taken for an unknown key."""
    (error,) = normalise({"agents": {"list": {}}}).errors
    assert (error.path, error.message) == (("agents", "list"), "Invalid input: expected array, received object")
