"""May a command run on the gateway's host: by config, by the approvals document, or by asking. Decides only.

The stricter of both counts; the document can tighten what the config allows, never loosen it. Source:
tools-and-sessions §3.3.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from clawfleet.config.models.tools import ExecConfig

Security = Literal["deny", "allowlist", "full"]
Ask = Literal["off", "on-miss", "always"]
Choice = Literal["allow-once", "allow-always", "deny"]

SECURITIES: tuple[Security, ...] = ("deny", "allowlist", "full")
ASKS: tuple[Ask, ...] = ("off", "on-miss", "always")
_MODES: dict[str, tuple[Security, Ask]] = {
    "deny": ("deny", "off"),
    "allowlist": ("allowlist", "off"),
    "ask": ("allowlist", "on-miss"),
    "full": ("full", "off"),
}
_COMPOUND = re.compile(r"[;&|<>`$(){}\[\]*?~#!\n\r\\]")
"""Signs that a shell acts on: a line that has one of them is more than a program and its arguments."""

BOUND = "sha256:argv:"


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class AllowEntry(_Document):
    """A program that may run. `pattern` is its path or name, with `*`; `arg_pattern` what its arguments must be."""

    id: str | None = None
    pattern: str
    arg_pattern: str | None = None
    source: Literal["allow-always"] | None = None
    command_text: str | None = None
    last_used_at: float | None = None
    last_used_command: str | None = None
    last_resolved_path: str | None = None


class Rules(_Document):
    """What holds for one agent, or for all."""

    security: Security | None = None
    ask: Ask | None = None
    ask_fallback: Security | None = None
    auto_allow_skills: bool | None = None


class AgentRules(Rules):
    """Rules of one agent, with the programs that may run."""

    allowlist: tuple[AllowEntry, ...] = ()
    mcp_tools: tuple[dict[str, Any], ...] = ()


class ApprovalsDocument(_Document):
    """The whole document, as protocol clients read and write it."""

    version: Literal[1] = 1
    socket: dict[str, str] | None = None
    defaults: Rules = Rules()
    agents: dict[str, AgentRules] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for one agent now."""

    security: Security
    ask: Ask
    fallback: Security
    allowlist: tuple[AllowEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A command as it is looked up: its words, the program's full path, where it is to run.

    `words` is empty for a line that is more than one program with its arguments.
    """

    line: str
    words: tuple[str, ...]
    path: str | None
    cwd: str


def words_of(line: str) -> tuple[str, ...]:
    """The words of a line that is one program with its arguments; none for anything more."""
    if _COMPOUND.search(line):
        return ()
    try:
        words = tuple(shlex.split(line))
    except ValueError:
        return ()
    return () if not words or "=" in words[0] else words


def wanted(config: ExecConfig) -> tuple[Security, Ask]:
    """What the config asks for: as a mode, or in the older two keys."""
    return _MODES[config.mode] if config.mode else (config.security or "full", config.ask or "off")


def policy_for(config: ExecConfig, document: ApprovalsDocument, agent_id: str) -> Policy:
    """The stricter of config and document, for one agent."""
    security, ask = wanted(config)
    own, all_agents = document.agents.get(agent_id, AgentRules()), document.agents.get("*", AgentRules())
    theirs = own.security or all_agents.security or document.defaults.security or "full"
    asked = own.ask or all_agents.ask or document.defaults.ask or "off"
    fallback = own.ask_fallback or all_agents.ask_fallback or document.defaults.ask_fallback or "deny"
    return Policy(
        security=min(security, theirs, key=SECURITIES.index),
        ask=max(ask, asked, key=ASKS.index),
        fallback=fallback,
        allowlist=(*own.allowlist, *all_agents.allowlist),
    )


def verdict(policy: Policy, program: Program) -> Literal["run", "ask", "deny"]:
    """What is to be done with a command."""
    if policy.security == "deny":
        return "deny"
    if policy.ask == "always":
        return "ask"
    if policy.security == "full" or matches(policy.allowlist, program):
        return "run"
    return "ask" if policy.ask == "on-miss" else "deny"


def without_answer(policy: Policy, program: Program) -> bool:
    """Whether a command runs that would have to be asked for when nobody is there to ask."""
    if policy.fallback == "deny":
        return False
    listed = matches(policy.allowlist, program)
    return listed or (policy.fallback == "full" and policy.security == "full")


def choices(policy_ask: str | None, program: Program) -> tuple[Choice, ...]:
    """What may be answered. `allow-always` needs a program that can be named, and an ask that it can spare."""
    if policy_ask == "always" or not program.words or program.path is None:
        return ("allow-once", "deny")
    return ("allow-once", "allow-always", "deny")


def entry_for(program: Program, entry_id: str, at_ms: int) -> AllowEntry:
    """The entry that lets this very command run again: same program, same arguments, same directory."""
    return AllowEntry(
        id=entry_id,
        pattern=program.path or program.words[0],
        arg_pattern=_bound(program),
        source="allow-always",
        command_text=program.line,
        last_used_at=at_ms,
        last_resolved_path=program.path,
    )


def matches(allowlist: Sequence[AllowEntry], program: Program) -> bool:
    """Whether some entry lets the command run."""
    return bool(program.words) and program.path is not None and any(_fits(entry, program) for entry in allowlist)


def _fits(entry: AllowEntry, program: Program) -> bool:
    path = program.path or ""
    name = path if "/" in entry.pattern else path.rpartition("/")[2]
    if not fnmatchcase(name, entry.pattern):
        return False
    if entry.arg_pattern is None:
        return True
    if entry.arg_pattern.startswith(BOUND):
        return entry.arg_pattern == _bound(program)
    try:
        return re.fullmatch(entry.arg_pattern, " ".join(program.words[1:])) is not None
    except re.error:
        return False


def _bound(program: Program) -> str:
    said = json.dumps([program.words[1:], program.cwd], ensure_ascii=False)
    return BOUND + hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()
