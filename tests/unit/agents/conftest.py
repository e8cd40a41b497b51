"""A real session store for the tests of runs and turns."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from clawfleet.sessions.sessions import Sessions
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database


@pytest_asyncio.fixture
async def sessions(tmp_path: Path) -> AsyncIterator[Sessions]:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    yield Sessions(db)
    await db.close()
