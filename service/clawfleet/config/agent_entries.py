"""Agents added to, changed in and taken out of the text of a config file. Pure; nothing is written here.

Source: protocol §12 (`agents.create|update|delete`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from clawfleet.config.edit import set_value, unset_value
from clawfleet.config.path import KeyPath
from clawfleet.config.rewrite import patched, read_raw
from clawfleet.config.roster import ENTRIES, as_entries, as_mapping, written_path
from clawfleet.core.errors import NotFoundError, RequestError

MAIN = "main"
"""The agent that there is when the config names none."""

MAX_ID = 64
BINDINGS: KeyPath = ("bindings",)


class AgentNotFound(NotFoundError):
    """No agent has that id."""

    code = "AGENT_NOT_FOUND"

    def __init__(self, agent_id: str) -> None:
        super().__init__(f'agent "{agent_id}" not found', hint="agents.list and `openclaw agents list` name them")


class AgentTaken(RequestError):
    """An agent of that id is there already, or the id is not free to take."""

    code = "AGENT_EXISTS"
    exit_code = 1


class NoAgentId(RequestError):
    """No id can be made of the name."""

    code = "AGENT_NAME_UNUSABLE"
    exit_code = 1


class CannotDelete(RequestError):
    """The agent is needed."""

    code = "AGENT_NEEDED"
    exit_code = 1


def agent_id_of(name: str) -> str:
    """The id of an agent with that name: `Kitchen Helper` is `kitchen-helper`. Raises `NoAgentId`."""
    found = re.sub(r"[^a-z0-9_-]+", "-", name.strip().lower())[:MAX_ID].strip("-_")
    if not found:
        raise NoAgentId(f'no id can be made of the agent name "{name}"', hint="use letters or digits")
    return found


def with_agent(text: str, agent_id: str, row: Mapping[str, Any]) -> str:
    """The file with one more agent. The one that was implied stands in it too then. Raises `AgentTaken`."""
    known = entries_of(text)
    if agent_id == MAIN:
        raise AgentTaken(f'"{MAIN}" is reserved', hint="choose another name")
    if agent_id in known:
        raise AgentTaken(f'agent "{agent_id}" already exists', hint="choose another name, or agents.update")
    implied: dict[str, Any] = {} if known else {MAIN: {}}
    return _patched(text, {**implied, agent_id: dict(row)})


def with_changes(text: str, agent_id: str, changes: Mapping[str, Any]) -> str:
    """The file with other settings of an agent; None takes one away. Raises `AgentNotFound`."""
    known = entries_of(text)
    if agent_id not in known and (known or agent_id != MAIN):
        raise AgentNotFound(agent_id)
    return _patched(text, {agent_id: dict(changes)})


def with_model(text: str, ref: str, agent_id: str | None) -> str:
    """The file with another model of an agent, or of all without their own; what is tried after it stays.

    Raises `AgentNotFound`.
    """
    choice = {"model": {"primary": ref}}
    if agent_id is not None:
        return with_changes(text, agent_id, choice)
    return patched(text, json.dumps({"agents": {"defaults": choice}}))


def without_agent(text: str, agent_id: str) -> tuple[str, int]:
    """The file without an agent and its bindings; how many those were. Raises `AgentNotFound`, `CannotDelete`."""
    known = entries_of(text)
    if agent_id not in known:
        raise AgentNotFound(agent_id)
    if agent_id == MAIN or len(known) == 1 or as_mapping(known[agent_id]).get("default"):
        raise CannotDelete(f'"{agent_id}" cannot be deleted', hint="it answers when no other agent is named")
    source = read_raw(text)
    text = unset_value(text, written_path(source, (*ENTRIES, agent_id)))
    rows = source.get("bindings")
    kept = [row for row in rows if as_mapping(row).get("agentId") != agent_id] if isinstance(rows, list) else []
    gone = len(rows) - len(kept) if isinstance(rows, list) else 0
    return (set_value(text, BINDINGS, kept) if gone else text), gone


def entries_of(text: str) -> Mapping[str, Any]:
    """The agents that a file names, by id, whatever the roster is called in it."""
    agents = as_mapping(read_raw(text).get("agents"))
    return as_mapping(agents["entries"] if "entries" in agents else as_entries(agents.get("list")))


def _patched(text: str, entries: Mapping[str, Any]) -> str:
    return patched(text, json.dumps({"agents": {"entries": entries}}))
