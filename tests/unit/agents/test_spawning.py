"""Who may spawn whom, and as what. What is refused in the running gateway is tested in test_subagents."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import pytest

from clawfleet.agents.spawning import Scope, refuse, resolve, subagent_settings
from clawfleet.config.models.root import Config
from clawfleet.models.catalog import Catalog
from clawfleet.routing.roster import Roster
from clawfleet.sessions.model import Choices, Session
from clawfleet.tools.conversations.failures import SpawnRefused
from clawfleet.tools.desk import Assignment

MODELS = {"providers": {"fake": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "one"}, {"id": "two"}]}}}


def scope(defaults: Any = None, **entries: Any) -> Scope:
    agents = {"defaults": {"model": "fake/one", **(defaults or {})}, "entries": {"main": {}, **entries}}
    config = Config.model_validate({"models": MODELS, "agents": agents})
    return Scope(config.agents, Catalog.of(config, {}), Roster.of(config, PurePath("/w")))


def order(**more: Any) -> Assignment:
    return Assignment(**{"by_key": "agent:main:main", "by_agent": "main", "run_id": "r", "task": "t", **more})


def test_an_agent_spawns_itself_unless_a_list_says_whom() -> None:
    assert scope(ops={}).targets("main") == ("main",)
    assert scope({"subagents": {"allowAgents": ["*"]}}, ops={}).targets("main") == ("main", "ops")
    assert scope({"subagents": {"allowAgents": ["Ops"]}}, ops={}).targets("main") == ("ops",)
    assert scope({"subagents": {"allowAgents": ["*"]}}, main={"subagents": {"allowAgents": []}}).targets("main") == ()


def test_an_agents_own_keys_win() -> None:
    house = scope(
        {"subagents": {"maxSpawnDepth": 3, "maxChildrenPerAgent": 4}}, main={"subagents": {"maxSpawnDepth": 2}}
    )
    settings = subagent_settings(house.agents, "main")
    assert (settings.max_spawn_depth, settings.max_children_per_agent) == (2, 4)


@pytest.mark.parametrize(
    ("more", "depth", "active", "words"),
    [
        ({}, 1, 0, "current depth: 1, max: 1; agents.defaults.subagents.maxSpawnDepth"),
        ({}, 0, 5, r"max active children for this session \(5/5"),
        ({"agent_id": "ops"}, 0, 0, r"allowed: main\)"),
    ],
)
def test_every_refusal_names_its_key(more: Any, depth: int, active: int, words: str) -> None:
    with pytest.raises(SpawnRefused, match=words):
        refuse(order(**more), scope(ops={}), depth=depth, active=active)


def test_an_agent_must_be_named_where_that_is_asked_for() -> None:
    with pytest.raises(SpawnRefused, match="needs an agentId"):
        refuse(order(), scope({"subagents": {"requireAgentId": True}}), depth=0, active=0)


def test_a_sandbox_is_not_left_by_spawning() -> None:
    """A session inside does not reach an agent outside; one outside may use one inside."""
    inside = {"sandbox": {"mode": "all"}}
    house = scope({"subagents": {"allowAgents": ["*"]}}, main=inside, out={}, within=inside)
    refuse(order(agent_id="within"), house, depth=0, active=0)
    with pytest.raises(SpawnRefused, match="whose tools run on the host"):
        refuse(order(agent_id="out"), house, depth=0, active=0)
    refuse(
        order(by_agent="out", by_key="agent:out:main", agent_id="within", needs_sandbox=True), house, depth=0, active=0
    )


def test_what_a_subagent_is_comes_from_the_nearest_word() -> None:
    """The call's, its agent's, the defaults', that of the session that spawns."""
    by = Session("agent:main:main", "id", "main", 1, 1, choices=Choices(model="fake/two"))
    assert resolve(order(), scope(), by).model == "fake/two"
    assert resolve(order(model="fake/one"), scope(), by).model == "fake/one"
    assert resolve(order(), scope({"subagents": {"model": "fake/one"}}), by).model == "fake/one"
    other = scope({"subagents": {"allowAgents": ["*"]}}, ops={"subagents": {"model": "fake/one"}})
    assert resolve(order(agent_id="ops"), other, by).model == "fake/one"
    assert resolve(order(agent_id="ops"), scope(ops={}), by).model is None


def test_time_limits() -> None:
    """0 is none."""
    limited = scope({"subagents": {"runTimeoutSeconds": 900}})
    assert resolve(order(), scope(), None).timeout_s is None
    assert resolve(order(), limited, None).timeout_s == 900
    assert resolve(order(timeout_s=5), limited, None).timeout_s == 5
    assert resolve(order(timeout_s=0), limited, None).timeout_s is None
