"""Takes over the credentials that older releases kept in JSON files, once, and puts the files aside.

Nothing that is stored is replaced, and a file that cannot be read stops nothing. Source: models-and-auth §7.4.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from clawfleet.core.clock import iso_time, now_ms
from clawfleet.models.auth.health import from_json
from clawfleet.models.auth.profiles import AuthProfile, BadProfile, read_profile
from clawfleet.models.auth.store import AuthStore

log = logging.getLogger("clawfleet.models")

PROFILES, STATE = "auth-profiles.json", "auth-state.json"
Ids = tuple[str, ...]
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """One file that was taken over: the profiles that are new, and where the file is now."""

    file: Path
    archive: Path
    profiles: tuple[str, ...]
    skipped: tuple[str, ...] = ()


def legacy_files(state_dir: Path) -> list[tuple[str, Path]]:
    """(agent, file) of every old store below a state dir; of an agent the profiles come before the state."""
    return [
        (folder.parent.name, folder / name)
        for folder in sorted(state_dir.glob("agents/*/agent"))
        for name in (PROFILES, STATE)
        if (folder / name).is_file()
    ]


async def import_legacy(store: AuthStore, state_dir: Path) -> list[Imported]:
    """Take over all old stores; what was done, file by file. One that cannot be read is left and told in the log."""
    done = []
    for agent, file in await asyncio.to_thread(legacy_files, state_dir):
        try:
            tree = await asyncio.to_thread(_read, file)
        except (OSError, ValueError) as error:
            log.warning("cannot read the old credentials in %s: %s", file, type(error).__name__)
            continue
        profiles, skipped = await _take_profiles(store, agent, tree)
        await _take_state(store, agent, tree)
        archive = file.with_name(f"{file.name}.migrated-{iso_time(now_ms()).replace(':', '-')}-{uuid4()}")
        await asyncio.to_thread(file.rename, archive)
        log.info("took over %d auth profiles of agent %s from %s", len(profiles), agent, file)
        done.append(Imported(file, archive, profiles, skipped))
    return done


async def _take_profiles(store: AuthStore, agent: str, tree: Mapping[str, Any]) -> tuple[Ids, Ids]:
    """(those that are new, those that are no credentials)."""
    taken, skipped = [], []
    for name, row in _rows(tree):
        try:
            profile: AuthProfile = read_profile(name, row, agent)
        except BadProfile:
            skipped.append(name)
            continue
        if await store.put(profile, replacing=False):
            taken.append(name)
    return tuple(taken), tuple(skipped)


async def _take_state(store: AuthStore, agent: str, tree: Mapping[str, Any]) -> None:
    there = await store.load()
    owned = {row.id for row in there.profiles if row.owner == agent}
    for provider, names in _object(tree, "order").items():
        if isinstance(names, list) and (agent, provider) not in there.orders:
            await store.set_order(agent, provider, [name for name in names if isinstance(name, str)])
    for name, row in _object(tree, "usageStats").items():
        if name in owned and isinstance(row, Mapping) and (agent, name) not in there.health:
            await store.keep_health((agent, name), from_json(row))


def _rows(tree: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """(id, credential) of both old shapes: `profiles` by id, or credentials by provider."""
    if "profiles" in tree or "version" in tree:
        yield from _object(tree, "profiles").items()
        return
    for provider, row in tree.items():
        if isinstance(row, Mapping) and provider not in ("order", "lastGood", "usageStats"):
            yield f"{provider}:default", {"provider": provider, **row}


def _object(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name)
    return value if isinstance(value, Mapping) else {}


def _read(file: Path) -> Mapping[str, Any]:
    if file.stat().st_size > MOST_BYTES:
        raise ValueError("too large")
    tree = json.loads(file.read_bytes())
    if not isinstance(tree, dict):
        raise ValueError("no object")
    return tree
