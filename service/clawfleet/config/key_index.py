"""Every key of openclaw.json and its default, without the models: they take longer to load than a question takes.

`key_index.json` is written from the models by `make docs`; a test fails when it drifts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from clawfleet.config.path import KeyPath

FILE = Path(__file__).with_name("key_index.json")
ANY = "*"
"""Stands for any key of a map and any item of a list."""


def is_key(path: KeyPath) -> bool:
    """Whether the models know such a place."""
    return _pattern(path) is not None


def default_at(path: KeyPath) -> object:
    """The default there as JSON, in words where it depends on the machine; None when there is none."""
    pattern = _pattern(path)
    return _defaults()[".".join(pattern)] if pattern else None


def keys_below(path: KeyPath) -> tuple[str, ...]:
    """The keys of the object at `path`; empty for what is none."""
    pattern = _pattern(path)
    return tuple(key for key in _children().get(pattern, ()) if key != ANY) if pattern is not None else ()


def _pattern(path: KeyPath) -> tuple[str, ...] | None:
    """The path as the index spells it: `*` for names of the operator's own and for numbers."""
    pattern: tuple[str, ...] = ()
    for segment in path:
        below = _children().get(pattern, ())
        if segment not in below and ANY not in below:
            return None
        pattern = (*pattern, str(segment) if segment in below else ANY)
    return pattern


@cache
def _defaults() -> Mapping[str, object]:
    found: dict[str, object] = json.loads(FILE.read_bytes())
    return found


@cache
def _children() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name in _defaults():
        *above, key = name.split(".")
        found[tuple(above)] = (*found.get(tuple(above), ()), key)
    return found
