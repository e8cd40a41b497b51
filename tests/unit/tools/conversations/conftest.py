"""A real session store behind a fake desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from clawfleet.sessions.lifecycle import NewSession
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.support.desk import FakeDesk

FAMILY = {
    "agent:main:main": None,
    "agent:main:telegram:group:-7": None,
    "agent:main:subagent:a": "agent:main:telegram:group:-7",
    "agent:main:subagent:b": "agent:main:subagent:a",
    "agent:coder:main": None,
}
"""Sessions and what they were spawned by."""


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[FakeDesk]:
    """A desk whose store holds `FAMILY`."""
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    sessions = Sessions(db)
    for key, parent in FAMILY.items():
        await sessions.create(NewSession(key, key.split(":")[1], parent_key=parent))
    yield FakeDesk(sessions)
    await db.close()
