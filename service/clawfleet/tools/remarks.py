"""What is wrong with lists of tools: entries that name nothing, and lists that leave nothing. Decides only.

Source: tools-and-sessions §1.4 and §1.6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from clawfleet.config.models.root import Config
from clawfleet.config.models.tool_rules import ToolLists
from clawfleet.config.models.tools import AgentTools
from clawfleet.config.path import KeyPath, show_path
from clawfleet.core.errors import RequestError
from clawfleet.tools.catalogue import ALIASES, GROUPS_ALLOWED, GROUPS_DENIED, MCP
from clawfleet.tools.policy import Layer, canonical, does_match

Named = Mapping[str, tuple[str, ...]]
"""Entries of allow lists by the key of their list."""


class NoCallableTools(RequestError):
    """Lists name tools, and none is left: the turn would be another one than the operator meant."""

    code = "NO_CALLABLE_TOOLS"

    def __init__(self, named: Named) -> None:
        lists = "; ".join(f"{key}: {', '.join(map(canonical, entries))}" for key, entries in named.items())
        super().__init__(
            f"No callable tools remain after resolving explicit tool allowlist ({lists}); no registered tools matched.",
            hint="Fix the allowlist; `openclaw tools explain` names the key that removed each tool.",
        )


def named_tools(layers: Sequence[Layer]) -> Named:
    """The allow lists that somebody wrote down; a tool profile is none."""
    return {
        layer.allow_key: layer.allow
        for layer in layers
        if layer.allow and layer.profile is None and layer.source == "config"
    }


def unknown_entries(config: Config) -> Mapping[str, tuple[str, ...]]:
    """Entries of allow lists that are no name of a tool or a group, by the key of their list."""
    found = {key: tuple(each for each in entries if not _is_known(each)) for key, entries in allow_lists(config)}
    return {key: entries for key, entries in found.items() if entries}


def allow_lists(config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every list that names tools to be let through, with its key."""
    yield from _of_agent(config.tools, ("tools",))
    yield from _of_lists(config.tools.subagents.tools, ("tools", "subagents", "tools"))
    for agent_id, entry in config.agents.entries.items():
        if entry.tools is not None:
            yield from _of_agent(entry.tools, ("agents", "entries", agent_id, "tools"))


def matches_nothing(entry: str, names: Collection[str]) -> bool:
    """Whether an entry names none of the tools `names`."""
    return not any(does_match(entry, name) for name in names)


def _of_agent(rules: AgentTools, path: KeyPath) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from _of_lists(rules, path)
    for name, more in rules.by_provider.items():
        yield from _of_lists(more, (*path, "byProvider", name))
    for name, lists in rules.tools_by_sender.items():
        yield from _of_lists(lists, (*path, "toolsBySender", name))
    yield from _of_lists(rules.sandbox.tools, (*path, "sandbox", "tools"))


def _of_lists(lists: ToolLists, path: KeyPath) -> Iterator[tuple[str, tuple[str, ...]]]:
    if lists.allow:
        yield show_path((*path, "allow")), lists.allow
    if lists.also_allow:
        yield show_path((*path, "alsoAllow")), lists.also_allow


def _is_known(entry: str) -> bool:
    name = entry.strip().lower()
    if name in GROUPS_ALLOWED or name in ALIASES or "__" in name:
        return True  # tools of MCP servers are known when their servers are asked
    known = (*GROUPS_DENIED["group:openclaw"], MCP.replace("*", "x"))
    return any(does_match(entry, each) for each in known)
