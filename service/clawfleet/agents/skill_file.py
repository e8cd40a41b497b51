"""What a `SKILL.md` says of itself before its text: name, description, what it needs. Pure.

Skills are written for other programs too; what is not understood is left out. Source: tools-and-sessions §13.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyjson5

_FENCE = "---"
_KEY = re.compile(r"([A-Za-z][\w-]*):(?:\s+(.*))?$")
NAMESPACES = ("openclaw", "clawdbot", "moltbot")
"""Under which names skills keep what this program reads: today's and those of its earlier versions."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be there: programs, one of some programs, variables, config keys; `os` is where it works at all."""

    bins: tuple[str, ...] = ()
    any_bins: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    os: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkillFile:
    """One skill as it describes itself.

    `always`: it is told of whatever is missing. `for_model`: models are told of it; `for_people`: it is a command.
    """

    name: str
    description: str
    needs: Needs = Needs()
    always: bool = False
    emoji: str | None = None
    homepage: str | None = None
    for_model: bool = True
    for_people: bool = True


def read_skill(text: str, folder: str) -> SkillFile | None:
    """The skill that `text` describes; None when it has no head. `folder` names it when it does not say its name."""
    head = _head(text)
    if head is None:
        return None
    metadata = _object(_value(head.get("metadata", "")))
    own = _object(next((metadata[name] for name in NAMESPACES if name in metadata), None))
    requires = _object(own.get("requires"))
    return SkillFile(
        name=_plain(head.get("name", "")) or folder,
        description=_plain(head.get("description", "")),
        needs=Needs(
            bins=_names(requires.get("bins")),
            any_bins=_names(requires.get("anyBins")),
            env=_names(requires.get("env")),
            config=_names(requires.get("config")),
            os=_names(own.get("os")),
        ),
        always=own.get("always") is True,
        emoji=own["emoji"] if isinstance(own.get("emoji"), str) else None,
        homepage=_plain(head.get("homepage", "")) or None,
        for_model=_plain(head.get("disable-model-invocation", "")).lower() != "true",
        for_people=_plain(head.get("user-invocable", "")).lower() != "false",
    )


def _head(text: str) -> Mapping[str, str] | None:
    """The keys between the two fences, each with all its lines."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != _FENCE:
        return None
    found: dict[str, str] = {}
    key = ""
    for line in lines[1:]:
        if line.strip() == _FENCE:
            return found
        if match := _KEY.match(line):
            key = match[1]
            found[key] = match[2] or ""
        elif key:
            found[key] += f"\n{line}"
    return None


def _plain(value: str) -> str:
    """A value as one line of text: quoted, folded over lines, or as it is."""
    line = " ".join(value.split())
    if line[:1] in (">", "|"):
        line = line.lstrip(">|-+").strip()
    if len(line) > 1 and line[0] == line[-1] and line[0] in "\"'":
        return line[1:-1].replace("''", "'") if line[0] == "'" else str(_value(line) or line[1:-1])
    return line


def _value(text: str) -> Any:
    """A value in braces, brackets or quotes; None for anything else."""
    try:
        return pyjson5.decode(text.strip())
    except pyjson5.Json5Exception:
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
