"""The house that the tests of methods live in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.unit.rpc.house import House, demo_at_once, open_house


@pytest_asyncio.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A gateway without doors whose demo model answers at once."""
    demo_at_once(monkeypatch)
    async with open_house(tmp_path) as made:
        yield made
