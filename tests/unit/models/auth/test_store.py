"""Stored credentials survive a restart in a file of their owner only, and a running gateway sees every change."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clawfleet.models.auth.health import Health
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import AuthStore, NoSuchProfile
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database

ONE = AuthProfile("p:one", "p", "api_key", "k1", owner="main", extra={"email": "me@x"})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AuthStore]:
    db = await Database.open(tmp_path / "state" / "gateway.sqlite", MIGRATIONS)
    yield AuthStore(db)
    await db.close()


async def test_a_profile_is_kept_and_only_its_owner_may_read_it(store: AuthStore, tmp_path: Path) -> None:
    assert await store.put(ONE)
    assert (await store.load()).profiles == (ONE,)
    files = list((tmp_path / "state").iterdir())
    assert files and {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_every_change_renews_the_stamp(store: AuthStore) -> None:
    stamps = [store.stamp()]
    for change in (store.put(ONE), store.set_order("main", "p", ["p:one"]), store.remove("main", ["p:one"])):
        await change
        stamps.append(store.stamp())
    assert stamps[0] == 0 and len(set(stamps)) == 4


async def test_another_secret_forgets_what_was_held_against_the_first(store: AuthStore) -> None:
    await store.put(ONE)
    await store.keep_health(("main", "p:one"), Health(cooldown_until_ms=9))
    assert (await store.load()).health == {("main", "p:one"): Health(cooldown_until_ms=9)}
    await store.put(ONE)
    assert (await store.load()).health == {}


async def test_an_order_is_set_and_left_to_the_gateway_again(store: AuthStore) -> None:
    await store.set_order("main", "p", ["p:b", "p:a"])
    assert (await store.load()).orders == {("main", "p"): ("p:b", "p:a")}
    await store.set_order("main", "p", None)
    assert (await store.load()).orders == {}


async def test_profiles_are_copied_and_replace_nothing(store: AuthStore) -> None:
    await store.put(ONE)
    await store.put(AuthProfile("p:two", "p", "token", "t", owner="main"))
    await store.put(AuthProfile("p:two", "p", "token", "own", owner="coder"))
    assert await store.copy("main", "coder") == ("p:one",)
    found = {(row.owner, row.id): row.secret for row in (await store.load()).profiles}
    assert found["coder", "p:one"] == "k1" and found["coder", "p:two"] == "own"
    with pytest.raises(NoSuchProfile):
        await store.copy("main", "coder", ["p:gone"])
    assert await store.remove("coder", ["p:one", "p:gone"]) == ("p:one",)
