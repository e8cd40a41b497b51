"""Which tools an agent may use, and which key of the config took the others away.

Tools pass a list of layers (`layers` makes them of the config), and each layer can only remove. Source:
tools-and-sessions §1.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from clawfleet.tools.catalogue import ALIASES, GROUPS_ALLOWED, GROUPS_DENIED

LayerName = Literal[
    "profile",
    "provider-profile",
    "global",
    "global-provider",
    "agent",
    "agent-provider",
    "group",
    "sender",
    "sandbox",
    "subagent",
    "run",
]
Rule = Literal["deny", "not-in-allow"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of the evaluation. An empty `allow` lets everything through; the keys say where the lists come from.

    `also_allow` adds to an `allow` that is not empty; `also_key` is where more can be added, empty when nowhere.
    `profile` names the tool profile that `allow` was made of. A layer that nobody configured has the source `default`;
    `deny_is_ours`: its deny list alone is, and lets through what `allow` or `also_allow` name.
    """

    name: LayerName
    source: Literal["config", "default"]
    allow: tuple[str, ...] = ()
    allow_key: str = ""
    also_allow: tuple[str, ...] = ()
    also_key: str = ""
    deny: tuple[str, ...] = ()
    deny_key: str = ""
    deny_is_ours: bool = False
    profile: str | None = None

    @property
    def key(self) -> str:
        """The key that decides here: of the whitelist if there is one, else of the deny list."""
        return self.deny_key if self.deny and not self.allow else self.allow_key


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one tool is on offer; if not, the first layer that removed it, by which key and which rule."""

    name: str
    allowed: bool
    layer: LayerName | None = None
    key: str | None = None
    rule: Rule | None = None


def canonical(name: str) -> str:
    """A tool name as the table has it: trimmed, lower case, aliases resolved."""
    plain = name.strip().lower()
    return ALIASES.get(plain, plain)


def decide(names: Iterable[str], layers: Sequence[Layer]) -> tuple[Decision, ...]:
    """One decision for each of `names`, in their order."""
    return tuple(_decide(name, layers) for name in names)


def rules_against(layer: Layer, name: str) -> tuple[Rule, ...]:
    """What removes a tool in this layer. Who may write may patch, but who may not write is not kept from patching."""
    denied: tuple[Rule, ...] = ("deny",) if _matches(denying(layer.deny), name) else ()
    if not layer.allow:
        return denied
    allowed = allowing((*layer.allow, *layer.also_allow))
    if _matches(allowed, name) or (name == "apply_patch" and _matches(allowed, "write")):
        return denied
    return (*denied, "not-in-allow")


def may_have(beginning: str, layers: Sequence[Layer]) -> bool:
    """Whether a tool whose name begins so could pass, before its whole name is known."""
    start = beginning.lower()
    for layer in layers:
        rules = rules_against(layer, start)
        named = any(entry.strip().lower().startswith(start) for entry in (*layer.allow, *layer.also_allow))
        if "deny" in rules or ("not-in-allow" in rules and not named):
            return False
    return True


def does_match(entry: str, name: str, *, in_deny: bool = False) -> bool:
    """Whether one entry of a list names a tool."""
    return _matches((denying if in_deny else allowing)((entry,)), name)


@lru_cache(maxsize=512)
def allowing(entries: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """What an allow list matches."""
    return tuple(_pattern(name) for entry in entries for name in _members(entry, GROUPS_ALLOWED))


@lru_cache(maxsize=512)
def denying(entries: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """What a deny list matches."""
    return tuple(_pattern(name) for entry in entries for name in _members(entry, GROUPS_DENIED))


def _decide(name: str, layers: Sequence[Layer]) -> Decision:
    wanted = canonical(name)
    for layer in layers:
        for rule in rules_against(layer, wanted):
            return Decision(name, False, layer.name, layer.deny_key if rule == "deny" else layer.allow_key, rule)
    return Decision(name, True)


def _members(entry: str, groups: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Groups become their members first; then `*` stands for anything. An unknown group is just a name."""
    return groups.get(entry.strip().lower(), (canonical(entry),))


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in name.split("*")))


def _matches(patterns: Sequence[re.Pattern[str]], name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in patterns)
