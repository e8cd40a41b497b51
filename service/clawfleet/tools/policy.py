"""Which tools an agent may use, and which key of the config took the others away.

The config becomes a list of layers, and each layer can only remove. `tools.allow` narrows what a profile gives;
`alsoAllow` is the one that adds, and only to the profile. Source: tools-and-sessions §1.3-§1.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clawfleet.config.models.root import Config
from clawfleet.config.models.tools import ToolRules
from clawfleet.tools.catalogue import ALIASES, GROUPS_ALLOWED, GROUPS_DENIED, PROFILES

SANDBOX_ALLOW = (
    *("exec", "process", "read", "ls", "write", "edit", "apply_patch", "view_image"),
    *("sessions_list", "sessions_history", "sessions_search", "sessions_send", "sessions_spawn", "sessions_yield"),
    *("subagents", "session_status"),
)
"""What sandboxed sessions keep when nothing else is configured."""
SANDBOX_DENY = ("browser", "canvas", "computer", "mobile_ui", "nodes", "automations", "gateway")


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of the evaluation. An empty `allow` lets everything through; the keys say where the lists come from.

    `also_allow` adds to an `allow` that is not empty; only the profile layer has one.
    """

    name: Literal["profile", "global", "agent", "sandbox"]
    source: Literal["config", "default"]
    allow: tuple[str, ...] = ()
    allow_key: str = ""
    also_allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    deny_key: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one tool is on offer; if not, the first layer that removed it, by which key and which rule."""

    name: str
    allowed: bool
    layer: str | None = None
    key: str | None = None
    rule: Literal["deny", "not-in-allow"] | None = None


def canonical(name: str) -> str:
    """A tool name as the table has it: trimmed, lower case, aliases resolved."""
    plain = name.strip().lower()
    return ALIASES.get(plain, plain)


def layers_for(config: Config, agent_id: str, *, sandboxed: bool) -> tuple[Layer, ...]:
    """The layers of one agent, in the order they apply."""
    entry = config.agents.entries.get(agent_id)
    own = entry.tools if entry else None
    own_key = f"agents.entries.{agent_id}.tools"
    layers = [_profile(config.tools, own, own_key), _lists("global", config.tools, "tools")]
    if own is not None:
        layers.append(_lists("agent", own, own_key))
    if sandboxed:
        layers.append(
            Layer(
                "sandbox",
                "default",
                SANDBOX_ALLOW,
                "tools.sandbox.tools.allow",
                deny=SANDBOX_DENY,
                deny_key="tools.sandbox.tools.deny",
            )
        )
    return tuple(layers)


def decide(names: Iterable[str], layers: Sequence[Layer]) -> tuple[Decision, ...]:
    """One decision for each of `names`, in their order."""
    gates = [_Gate(layer) for layer in layers]
    return tuple(_decide(name, gates) for name in names)


def _profile(tools: ToolRules, own: ToolRules | None, own_key: str) -> Layer:
    """An agent's profile replaces the gateway's, and so does its `alsoAllow`."""
    holder, key = (own, own_key) if own is not None and own.profile else (tools, "tools")
    also = own.also_allow if own is not None and own.also_allow is not None else tools.also_allow
    members = PROFILES.get(holder.profile or "full", ())
    return Layer("profile", "config" if holder.profile else "default", members, f"{key}.profile", also or ())


def _lists(name: Literal["global", "agent"], rules: ToolRules, key: str) -> Layer:
    source: Literal["config", "default"] = "config" if rules.allow or rules.deny else "default"
    return Layer(name, source, rules.allow or (), f"{key}.allow", deny=rules.deny, deny_key=f"{key}.deny")


class _Gate:
    """A layer with its lists made ready to match."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._allow = _patterns((*layer.allow, *layer.also_allow) if layer.allow else (), GROUPS_ALLOWED)
        self._deny = _patterns(layer.deny, GROUPS_DENIED)

    def rule_against(self, name: str) -> Literal["deny", "not-in-allow"] | None:
        """What removes `name` here. Whoever may write may patch, but who may not write is not kept from patching."""
        if _matches(self._deny, name):
            return "deny"
        if not self._allow or _matches(self._allow, name):
            return None
        return None if name == "apply_patch" and _matches(self._allow, "write") else "not-in-allow"


def _decide(name: str, gates: Sequence[_Gate]) -> Decision:
    wanted = canonical(name)
    for gate in gates:
        if rule := gate.rule_against(wanted):
            key = gate.layer.deny_key if rule == "deny" else gate.layer.allow_key
            return Decision(name, False, gate.layer.name, key, rule)
    return Decision(name, True)


def _patterns(entries: Sequence[str], groups: Mapping[str, tuple[str, ...]]) -> tuple[re.Pattern[str], ...]:
    """Groups become their members first; then `*` stands for anything. An unknown group is just a name."""
    names = [member for entry in entries for member in groups.get(entry.strip().lower(), (canonical(entry),))]
    return tuple(re.compile(".*".join(re.escape(part) for part in name.split("*"))) for name in names)


def _matches(patterns: Sequence[re.Pattern[str]], name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in patterns)
