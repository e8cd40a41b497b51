"""Names of MCP tools as models and policies know them: `<server>__<tool>`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from clawfleet.config.models.mcp import ToolFilter

BETWEEN = "__"
MOST_SERVER = 30
MOST_NAME = 64
"""Providers refuse longer names."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def prefixes(servers: Iterable[str]) -> dict[str, str]:
    """The part of tool names that stands for each server, each another one."""
    taken: set[str] = set()
    return {server: _free(_safe(server, MOST_SERVER, "mcp"), MOST_SERVER, taken) for server in servers}


def tool_names(prefix: str, tools: Sequence[str]) -> Mapping[str, str]:
    """What each tool of a server is called here, by its own name."""
    taken: set[str] = set()
    room = MOST_NAME - len(prefix) - len(BETWEEN)
    return {tool: prefix + BETWEEN + _free(_safe(tool, room, "tool"), room, taken) for tool in tools}


def passes(tool: str, wanted: ToolFilter) -> bool:
    """Whether a server's tool is to be one of the agents'."""
    included = not wanted.include or any(fnmatchcase(tool, pattern) for pattern in wanted.include)
    return included and not any(fnmatchcase(tool, pattern) for pattern in wanted.exclude)


def _safe(name: str, most: int, instead: str) -> str:
    """`name` in letters, digits, `_` and `-`; no `__`, which ends the server's part."""
    plain = re.sub(r"_{2,}", "_", _UNSAFE.sub("-", name.strip()))[:most].strip("_") or instead
    return plain if plain[0].isalpha() else f"{instead}-{plain}"[:most]


def _free(name: str, most: int, taken: set[str]) -> str:
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name[: most - len(str(number)) - 1]}-{number}"
    taken.add(found.lower())
    return found
