"""The served house of the tests of the front door."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.unit.rpc.house import demo_at_once
from tests.unit.server.served import Served, serve


@pytest_asyncio.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A house that answers on a port of its own; its demo model answers at once."""
    demo_at_once(monkeypatch)
    async with serve(tmp_path) as made:
        yield made
