"""A real session store, and short ways to fill it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from clawfleet.sessions.sessions import Sessions
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Sessions]:
    """An empty store."""
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    yield Sessions(db)
    await db.close()
