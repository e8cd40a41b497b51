"""Old JSON stores work after an update: taken over once, put aside, and nothing that is stored is replaced."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clawfleet.models.auth.legacy import import_legacy, legacy_files
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import AuthStore
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AuthStore]:
    db = await Database.open(tmp_path / "clawfleet" / "gateway.sqlite", MIGRATIONS)
    yield AuthStore(db)
    await db.close()


def write(state_dir: Path, agent: str, name: str, tree: object) -> Path:
    file = state_dir / "agents" / agent / "agent" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(tree if isinstance(tree, str) else json.dumps(tree))
    return file


async def test_both_shapes_are_taken_over_once(store: AuthStore, tmp_path: Path) -> None:
    whole = {
        "version": 1,
        "profiles": {
            "p:one": {"type": "api_key", "provider": "p", "key": "k1"},
            "p:two": {"type": "token", "provider": "p", "token": "t2", "expires": 5},
            "p:odd": {"type": "password"},
        },
        "order": {"p": ["p:two", "p:one"]},
        "usageStats": {"p:one": {"cooldownUntil": 9, "cooldownReason": "auth", "errorCount": 1}, "gone": {}},
    }
    main = write(tmp_path, "main", "auth-profiles.json", whole)
    write(tmp_path, "coder", "auth-profiles.json", {"openrouter": {"apiKey": "or-key"}})
    done = await import_legacy(store, tmp_path)
    assert [row.profiles for row in done] == [("openrouter:default",), ("p:one", "p:two")]
    assert [row.skipped for row in done] == [(), ("p:odd",)]
    stored = await store.load()
    assert {(row.owner, row.id): row.secret for row in stored.profiles} == {
        ("coder", "openrouter:default"): "or-key",
        ("main", "p:one"): "k1",
        ("main", "p:two"): "t2",
    }
    assert stored.orders == {("main", "p"): ("p:two", "p:one")}
    assert stored.health["main", "p:one"].cooldown_until_ms == 9
    assert not main.exists() and json.loads(done[1].archive.read_text()) == whole
    assert done[1].archive.name.startswith("auth-profiles.json.migrated-2") and ":" not in done[1].archive.name
    assert await import_legacy(store, tmp_path) == [] and legacy_files(tmp_path) == []


async def test_what_is_stored_stays_and_a_broken_file_is_left(store: AuthStore, tmp_path: Path) -> None:
    await store.put(AuthProfile("p:one", "p", "api_key", "mine", owner="main"))
    write(tmp_path, "main", "auth-profiles.json", {"version": 1, "profiles": {"p:one": {"key": "old"}}})
    broken = write(tmp_path, "zed", "auth-profiles.json", "{")
    write(tmp_path, "main", "auth-state.json", {"version": 1, "order": {"p": ["p:one"]}})
    assert [row.profiles for row in await import_legacy(store, tmp_path)] == [(), ()]
    stored = await store.load()
    assert stored.profiles[0].secret == "mine" and stored.orders == {("main", "p"): ("p:one",)}
    assert broken.exists()
