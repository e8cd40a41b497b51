"""Whose sessions a session may reach: the whole table."""

from __future__ import annotations

import pytest

from clawfleet.config.models.root import Config
from clawfleet.config.models.tools import AgentToAgent
from clawfleet.tools.conversations.visibility import Mode, Reach

MAIN, GROUP, CHILD, OTHER = (
    "agent:main:main",
    "agent:main:telegram:group:-7",
    "agent:main:subagent:a",
    "agent:coder:main",
)
OPEN = AgentToAgent(enabled=True)


@pytest.mark.parametrize(
    ("mode", "asking", "reached"),
    [
        ("self", MAIN, {MAIN}),
        ("self", GROUP, {GROUP}),
        ("tree", MAIN, {MAIN, GROUP, CHILD}),
        ("tree", GROUP, {GROUP, CHILD}),
        ("tree", CHILD, {CHILD}),
        ("agent", GROUP, {MAIN, GROUP, CHILD}),
        ("agent", OTHER, {OTHER}),
        ("all", CHILD, {MAIN, GROUP, CHILD, OTHER}),
    ],
)
def test_modes(mode: Mode, asking: str, reached: set[str]) -> None:
    """The child was spawned by the group's session."""
    reach = Reach(asking, asking.split(":")[1], mode, OPEN)
    found = {
        key
        for key in (MAIN, GROUP, CHILD, OTHER)
        if reach.reason_against(key, key.split(":")[1], spawned=(asking, key) == (GROUP, CHILD)) is None
    }
    assert found == reached


@pytest.mark.parametrize(
    ("rules", "open_to"),
    [
        (AgentToAgent(), False),
        (AgentToAgent(enabled=True), True),
        (AgentToAgent(enabled=True, allow=("main", "coder")), True),
        (AgentToAgent(enabled=True, allow=("*",)), True),
        (AgentToAgent(enabled=True, allow=("main", "co*")), True),
        (AgentToAgent(enabled=True, allow=("coder",)), False),
        (AgentToAgent(enabled=True, allow=("main", "writer")), False),
    ],
)
def test_other_agents_need_a_second_key(rules: AgentToAgent, open_to: bool) -> None:
    """Both of the pair must be listed; the refusal names the key."""
    reason = Reach(MAIN, "main", "all", rules).reason_against(OTHER, "coder", spawned=False)
    assert (reason is None) is open_to
    assert reason is None or "tools.agentToAgent" in reason


def test_what_an_agent_spawned_for_another_stays_its_own() -> None:
    assert Reach(MAIN, "main", "tree", AgentToAgent()).reason_against(OTHER, "coder", spawned=True) is None


def test_a_sandboxed_session_sees_what_it_spawned() -> None:
    """Even the main one, even where everything is open; `self` stays narrower."""
    config = Config.model_validate({"tools": {"sessions": {"visibility": "all"}, "agentToAgent": {"enabled": True}}})
    reach = Reach.of(config, "main", MAIN, clamped=True)
    assert reach.mode == "tree"
    reason = reach.reason_against(GROUP, "main", spawned=False)
    assert reason and "sessionToolsVisibility" in reason
    assert reach.reason_against(CHILD, "main", spawned=True) is None
    narrow = Config.model_validate({"tools": {"sessions": {"visibility": "self"}}})
    assert Reach.of(narrow, "main", MAIN, clamped=True).mode == "self"


def test_the_defaults_keep_agents_apart() -> None:
    reach = Reach.of(Config(), "main", GROUP, clamped=False)
    assert reach.mode == "tree"
    assert reach.reason_against(MAIN, "main", spawned=False) is not None
