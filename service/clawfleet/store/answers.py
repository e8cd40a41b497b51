"""Answers that are kept, so that a request that arrives twice is done once. Source: protocol §11 (idempotency).

Kept on disk before they are given, for a day. What failed is not kept: nothing was done, and again may work.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.core.tasks import Tasks
from clawfleet.store.sqlite import Database

LIFE_MS = 24 * 3600 * 1000


class KeyReused(RequestError):
    """An idempotency key came again with another request."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"idempotencyKey {key!r} was already used for another request", hint="use a fresh UUID for every request"
        )


class KeptAnswers:
    """What was answered under which key. `clock` gives milliseconds and is replaced in tests."""

    def __init__(self, db: Database, clock: Callable[[], int] = now_ms) -> None:
        self._db = db
        self._clock = clock
        self._tasks = Tasks()
        self._under_way: dict[tuple[str, str], tuple[str, asyncio.Task[Any]]] = {}

    async def once(self, method: str, key: str, request: Any, work: Callable[[], Awaitable[Any]]) -> Any:
        """The answer of `work`, or the one kept for the same `method` and `key`; both are JSON-able.

        Work that has begun ends, also when its caller is gone. `request` is what was asked: the same key with another
        request raises `KeyReused`. What `work` raises is raised here and not kept.
        """
        place, digest = (method, key), _digest(request)
        running = self._under_way.get(place)
        if running is None:
            task = self._tasks.start(self._work(place, digest, work), name=f"once:{method}")
            self._under_way[place] = digest, task
            task.add_done_callback(lambda _: self._under_way.pop(place, None))
        elif running[0] == digest:
            task = running[1]
        else:
            raise KeyReused(key)
        answer, error = await asyncio.shield(task)
        if error is not None:
            raise error
        return answer

    async def forget_old(self) -> int:
        """Delete answers older than a day; how many went."""
        oldest = self._clock() - LIFE_MS
        return await self._db.write(
            lambda connection: connection.execute("DELETE FROM kept_answers WHERE at_ms < ?", (oldest,)).rowcount
        )

    async def close(self) -> None:
        """Stop what is under way."""
        await self._tasks.close()

    async def _work(
        self, place: tuple[str, str], digest: str, work: Callable[[], Awaitable[Any]]
    ) -> tuple[Any, Exception | None]:
        try:
            kept = await self._db.read(
                lambda connection: connection.execute(
                    "SELECT digest, answer FROM kept_answers WHERE method=? AND key=? AND at_ms >= ?",
                    (*place, self._clock() - LIFE_MS),
                ).fetchone()
            )
            if kept is not None:
                if kept["digest"] != digest:
                    raise KeyReused(place[1])
                return json.loads(kept["answer"]), None
            answer = await work()
            await self._db.write(lambda connection: _keep(connection, place, digest, answer, self._clock()))
        except Exception as error:
            return None, error
        return answer, None


def _keep(connection: sqlite3.Connection, place: tuple[str, str], digest: str, answer: Any, at_ms: int) -> None:
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    connection.execute("INSERT OR REPLACE INTO kept_answers VALUES (?, ?, ?, ?, ?)", (*place, digest, text, at_ms))


def _digest(request: Any) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
