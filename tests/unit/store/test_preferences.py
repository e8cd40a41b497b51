"""Preferences: kept per owner, removed by null, changed only over what was expected."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from clawfleet.store.preferences import MOST, Preferences, TooManyPreferences
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database


@pytest_asyncio.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Preferences]:
    db = await Database.open(tmp_path / "store" / "gateway.sqlite", MIGRATIONS)
    yield Preferences(db)
    await db.close()


async def test_each_owner_finds_their_own(kept: Preferences) -> None:
    assert await kept.write("a", {"theme": "dark", "n": {"x": [1]}})
    assert await kept.write("b", {"theme": "light"})
    assert await kept.read("a") == {"theme": "dark", "n": {"x": [1]}}
    assert await kept.read("b", ["theme", "other"]) == {"theme": "light"}


async def test_null_removes(kept: Preferences) -> None:
    await kept.write("a", {"x": 1, "y": 2})
    await kept.write("a", {"x": None})
    assert await kept.read("a") == {"y": 2}


async def test_nothing_changes_when_somebody_was_first(kept: Preferences) -> None:
    await kept.write("a", {"x": 1})
    assert not await kept.write("a", {"x": 2, "y": 3}, {"x": None})
    assert await kept.read("a") == {"x": 1}
    assert await kept.write("a", {"x": 2}, {"x": 1})


async def test_there_is_an_end_to_them(kept: Preferences) -> None:
    await kept.write("a", {str(number): number for number in range(MOST)})
    with pytest.raises(TooManyPreferences) as refused:
        await kept.write("a", {"one more": 1})
    assert refused.value.details == {"limit": MOST, "currentCount": MOST}
    assert await kept.write("a", {"0": "changed"})
