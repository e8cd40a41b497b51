"""Agents in the text of a config file."""

import pyjson5
import pytest

from clawfleet.config.agent_entries import (
    AgentNotFound,
    AgentTaken,
    CannotDelete,
    NoAgentId,
    agent_id_of,
    entries_of,
    with_agent,
    with_changes,
    with_model,
    without_agent,
)

BY_LIST = "{agents: {list: [{id: 'main'}, /* the cook */ {id: 'cook', model: 'a/b'}]}, bindings: [{agentId: 'cook'}]}"


@pytest.mark.parametrize(
    ("name", "agent_id"),
    [("Helper", "helper"), ("Kitchen Helper", "kitchen-helper"), (" Ä1 ", "1"), ("x" * 99, "x" * 64)],
)
def test_the_id_is_made_of_the_name(name: str, agent_id: str) -> None:
    assert agent_id_of(name) == agent_id


@pytest.mark.parametrize("name", ["", "  ", "…", "../.."])
def test_a_name_without_letters_gives_no_id(name: str) -> None:
    with pytest.raises(NoAgentId):
        agent_id_of(name)


def test_the_first_agent_that_is_written_brings_the_implied_one_along() -> None:
    """Otherwise `main` would be gone, and its sessions with it."""
    assert entries_of(with_agent("{}", "ops", {"name": "Ops"})) == {"main": {}, "ops": {"name": "Ops"}}


def test_an_agent_goes_where_the_file_has_its_roster() -> None:
    new = with_agent(BY_LIST, "ops", {})
    assert [row["id"] for row in pyjson5.decode(new)["agents"]["list"]] == ["main", "cook", "ops"]
    assert "/* the cook */" in new


@pytest.mark.parametrize("agent_id", ["main", "cook"])
def test_an_id_is_given_once(agent_id: str) -> None:
    with pytest.raises(AgentTaken):
        with_agent(BY_LIST, agent_id, {})


def test_settings_are_changed_and_taken_away() -> None:
    assert entries_of(with_changes(BY_LIST, "cook", {"name": "Cook", "model": None}))["cook"] == {"name": "Cook"}
    assert entries_of(with_changes("{}", "main", {"name": "Ada"})) == {"main": {"name": "Ada"}}


def test_an_agent_goes_with_its_bindings() -> None:
    new, bindings = without_agent(BY_LIST, "cook")
    assert (pyjson5.decode(new), bindings) == ({"agents": {"list": [{"id": "main"}]}, "bindings": []}, 1)


def test_who_is_not_there_cannot_change_or_go() -> None:
    for change in (lambda: with_changes(BY_LIST, "x", {}), lambda: without_agent(BY_LIST, "x")):
        with pytest.raises(AgentNotFound, match='agent "x" not found'):
            change()
    with pytest.raises(AgentNotFound):
        without_agent("{}", "main")


@pytest.mark.parametrize(
    "file",
    ["{agents: {entries: {main: {}, ops: {}}}}", "{agents: {entries: {main: {}}}}"],
)
def test_the_main_agent_stays(file: str) -> None:
    with pytest.raises(CannotDelete):
        without_agent(file, "main")


def test_the_agent_that_answers_by_default_stays() -> None:
    with pytest.raises(CannotDelete):
        without_agent("{agents: {entries: {ops: {default: true}, cook: {}}}}", "ops")


def test_a_model_is_put_before_the_fallbacks_that_are_there() -> None:
    text = '{agents: {defaults: {model: {primary: "p/a", fallbacks: ["p/b"]}}}}'
    agents = pyjson5.decode(with_model(text, "p/c", None))["agents"]
    assert agents["defaults"]["model"] == {"primary": "p/c", "fallbacks": ["p/b"]}
    own = pyjson5.decode(with_model(text, "p/c", "main"))["agents"]
    assert own["entries"] == {"main": {"model": {"primary": "p/c"}}}
    with pytest.raises(AgentNotFound):
        with_model("{agents: {entries: {a: {}}}}", "p/c", "b")
