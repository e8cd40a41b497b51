"""Agents, the default one, and the keys of their sessions."""

from pathlib import PurePath
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.errors import RequestError
from clawfleet.routing.roster import Roster, UnknownAgent

BASE = PurePath("/w/workspace")


def roster(entries: dict[str, Any], **defaults: Any) -> Roster:
    return Roster.of(Config.model_validate({"agents": {"entries": entries, "defaults": defaults}}), BASE)


def test_without_agents_there_is_main() -> None:
    only = roster({})
    assert only.default_id == "main"
    assert only.get(None).workspace == BASE
    assert only.main_key() == "agent:main:main"


@pytest.mark.parametrize(
    ("entries", "default"),
    [
        ({"a": {}, "b": {"default": True}}, "b"),
        ({"a": {}, "main": {}}, "main"),
        ({"a": {}, "b": {}}, "a"),
    ],
)
def test_the_default_agent(entries: dict[str, Any], default: str) -> None:
    assert roster(entries).default_id == default


def test_agents_do_not_share_a_workspace_unless_told_to() -> None:
    two = roster({"a": {}, "b": {}, "c": {"workspace": "/elsewhere"}})
    assert [str(agent.workspace) for agent in two.agents.values()] == ["/w/workspace", "/w/workspace-b", "/elsewhere"]


@pytest.mark.parametrize(
    ("written", "agent_id", "expected"),
    [
        ("main", None, ("agent:a:main", "a")),
        (" notes ", "b", ("agent:b:notes", "b")),
        ("agent:b:telegram:direct:7", None, ("agent:b:telegram:direct:7", "b")),
        ("agent:b:notes", "a", ("agent:b:notes", "b")),
        ("agent:x", None, ("agent:a:agent:x", "a")),
    ],
)
def test_keys_are_brought_to_one_form(written: str, agent_id: str | None, expected: tuple[str, str]) -> None:
    assert roster({"a": {}, "b": {}}).locate(written, agent_id) == expected


def test_an_unknown_agent_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownAgent, match='unknown agent id "nope"') as caught:
        roster({"a": {}}).locate("agent:nope:main")
    assert "a" in str(caught.value.hint)
    with pytest.raises(RequestError, match="empty"):
        roster({}).locate("  ")
