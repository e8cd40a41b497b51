"""The command that gives a tool back which policy took away. Decides only."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from clawfleet.tools.layers import BUILT_IN
from clawfleet.tools.policy import Decision, Layer, Rule, canonical, does_match, rules_against


def mend_for(decision: Decision, layers: Sequence[Layer]) -> str | None:
    """Commands that change what stands in the way of one tool; None when it is allowed or nothing can be done.

    Every layer in its way is dealt with, so that the tool is there when they have been given.
    """
    if decision.allowed:
        return None
    name = canonical(decision.name)
    commands = [_command(name, layer, rule) for layer in layers for rule in rules_against(layer, name)]
    if any(command is None for command in commands):
        return None
    return " && ".join(dict.fromkeys(command for command in commands if command)) or None


def _command(name: str, layer: Layer, rule: Rule) -> str | None:
    """What lets the tool through one layer; None when nothing does."""
    if layer.name == "run" or BUILT_IN in (layer.allow_key, layer.deny_key):
        return None
    if rule == "deny" and not layer.deny_is_ours:
        return _without_deny(name, layer)
    if layer.also_key:
        return _set(layer.also_key, (*layer.also_allow, name))
    if layer.profile:
        return f"openclaw config set {shlex.quote(layer.allow_key)} full"
    if layer.name == "sandbox":
        return _set(layer.allow_key, (*layer.allow, name))
    return f"openclaw config unset {shlex.quote(layer.allow_key)}"


def _without_deny(name: str, layer: Layer) -> str:
    if layer.deny_key.endswith(".workspaceAccess"):
        return f"openclaw config set {shlex.quote(layer.deny_key)} rw"
    rest = [entry for entry in layer.deny if not does_match(entry, name, in_deny=True)]
    return _set(layer.deny_key, rest) if rest else f"openclaw config unset {shlex.quote(layer.deny_key)}"


def _set(key: str, entries: Sequence[str]) -> str:
    return f"openclaw config set {shlex.quote(key)} {shlex.quote(json.dumps(list(entries)))}"
