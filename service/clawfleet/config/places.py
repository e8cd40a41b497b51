"""Paths that people write into the config, made absolute, so that no reader needs to know what they are relative to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from clawfleet.config.path import KeyPath

PLACES: tuple[KeyPath, ...] = (
    ("agents", "defaults", "workspace"),
    ("agents", "entries", "*", "workspace"),
    ("agents", "defaults", "sandbox", "workspaceRoot"),
    ("agents", "entries", "*", "sandbox", "workspaceRoot"),
    ("channels", "telegram", "tokenFile"),
    ("gateway", "controlUi", "root"),
    ("logging", "file"),
    ("secrets", "providers", "*", "path"),
    ("secrets", "providers", "*", "command"),
)
"""Keys that hold a path of this host; `*` is any one key."""


def with_absolute_paths(tree: Mapping[str, object], resolve: Callable[[str], Path]) -> dict[str, object]:
    """A copy of `tree`, spelt as of today, with `resolve` applied to every path in it; empty texts stay empty."""
    return {key: _walk(value, _below(PLACES, key), resolve) for key, value in tree.items()}


def _walk(node: object, places: tuple[KeyPath, ...], resolve: Callable[[str], Path]) -> object:
    if () in places and isinstance(node, str) and node:
        return str(resolve(node))
    if not places or not isinstance(node, Mapping):
        return node
    return {key: _walk(value, _below(places, key), resolve) for key, value in node.items()}


def _below(places: tuple[KeyPath, ...], key: str) -> tuple[KeyPath, ...]:
    return tuple(place[1:] for place in places if place and place[0] in ("*", key))
