"""What a fake saw, in order, for tests to read and to wait on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

KEPT = 1000
WAIT_LIMIT_S = 30.0

Entry = dict[str, Any]


class Journal:
    """The newest thousand entries. Entries may still change; `touch()` wakes those who wait."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self._changed = asyncio.Condition()

    async def add(self, entry: Entry) -> None:
        """Appends an entry and wakes those who wait."""
        self.entries.append(entry)
        await self.touch()

    async def touch(self) -> None:
        """Wakes those who wait: an entry changed."""
        async with self._changed:
            self._changed.notify_all()

    async def reply(self, request: web.Request, name: str, counts: Callable[[Entry], bool]) -> web.Response:
        """All entries as `{name: [...]}`, once at least `?at_least=N` of them count; 408 after `?timeout_s=S`."""
        at_least = int(request.query.get("at_least", "0"))
        limit_s = float(request.query.get("timeout_s", WAIT_LIMIT_S))
        try:
            async with asyncio.timeout(limit_s), self._changed:
                await self._changed.wait_for(lambda: sum(map(counts, self.entries)) >= at_least)
        except TimeoutError:
            seen = sum(map(counts, self.entries))
            return web.json_response({"error": f"{seen} {name} after {limit_s} s, not {at_least}"}, status=408)
        return web.json_response({name: list(self.entries)})
