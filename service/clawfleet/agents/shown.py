"""How much of a run is shown besides its answer: its tools (`verbose`) and what models think (`reasoning`).

Clients that are connected have the events of both; chats get messages beside the answer. Decides only.
Source: tools-and-sessions §11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast, get_args

from clawfleet.agents.events import Body, ReasoningGrew, ToolEnded, ToolStarted
from clawfleet.config.models.agents import Agents, Reasoning, Verbose
from clawfleet.sessions.model import Session

VERBOSE: tuple[str, ...] = get_args(Verbose)
REASONING: tuple[str, ...] = get_args(Reasoning)

MOST_CHARS = 1500
"""Of a tool's output or a model's thoughts; a chat is for reading."""

MOST_DETAIL = 200
NO_ORDERS: Mapping[str, str] = MappingProxyType({})


def verbose_of(session: Session, agents: Agents, orders: Mapping[str, str] = NO_ORDERS) -> Verbose:
    """How much of its tools a session tells: as ordered with a message, chosen for it, configured."""
    entry = agents.entries.get(session.agent_id)
    configured = (entry.verbose_default if entry else None) or agents.defaults.verbose_default
    return cast(Verbose, orders.get("verbose") or session.choices.verbose or configured)


def reasoning_of(session: Session, agents: Agents, orders: Mapping[str, str] = NO_ORDERS) -> Reasoning:
    """Whether a session shows what its model thinks: as ordered with a message, chosen for it, configured."""
    entry = agents.entries.get(session.agent_id)
    configured = (entry.reasoning_default if entry else None) or agents.defaults.reasoning_default
    return cast(Reasoning, orders.get("reasoning") or session.choices.reasoning or configured)


def aside(body: Body, verbose: Verbose) -> str | None:
    """What a chat is told when `body` happened, before the answer; None for nothing."""
    match body:
        case ReasoningGrew(text, level="on", is_whole=True):
            return f"Thinking\n\n{_cut(text.strip())}"
        case ToolStarted(name=name, arguments=arguments) if verbose == "full":
            detail = _detail(arguments)
            return f"🛠️ {name.capitalize()}{f': {detail}' if detail else ''}"
        case ToolStarted(name=name) if verbose == "on":
            return f"🛠️ {name.capitalize()}"
        case ToolEnded(name=name, text=text, is_error=is_error) if verbose == "full":
            head = f"⚠️ {name.capitalize()} failed" if is_error else f"🛠️ {name.capitalize()} result"
            return f"{head}\n```\n{_cut(text.strip()).replace('```', '` ` `')}\n```" if text.strip() else head
        case ToolEnded(name=name, is_error=True) if verbose == "on":
            return f"⚠️ {name.capitalize()} failed"
    return None


def _detail(arguments: Mapping[str, object]) -> str:
    """The first argument that is a text, on one line."""
    text = next((value for value in arguments.values() if isinstance(value, str) and value.strip()), "")
    line = " ".join(text.split())
    return f"{line[:MOST_DETAIL]}…" if len(line) > MOST_DETAIL else line


def _cut(text: str) -> str:
    return f"{text[:MOST_CHARS]}…" if len(text) > MOST_CHARS else text
