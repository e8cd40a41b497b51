"""Subagents as they are kept: who spawned which session for which task, and what became of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Literal

from clawfleet.core.clock import now_ms
from clawfleet.store.sqlite import Database

SpawnState = Literal["running", "done", "failed", "timeout", "killed", "lost"]
MOST_RESULT = 60_000


@dataclass(frozen=True, slots=True)
class Spawn:
    """One subagent. `run_id` names it; `key` is its session, `by_key` the session that it works for.

    `caps` are the only tools that it may have at the most. `delivery` and `requester` are those of the run that spawned
    it. `announces`: its result is to be told to `by_key`; `announced_at_ms`: that was done.
    """

    run_id: str
    key: str
    by_key: str
    agent_id: str
    by_agent: str
    task: str
    depth: int
    task_name: str | None = None
    label: str | None = None
    model: str | None = None
    caps: tuple[str, ...] | None = None
    delivery: str | None = None
    requester: str | None = None
    announces: bool = True
    cleanup: Literal["keep", "delete"] = "keep"
    state: SpawnState = "running"
    result: str = ""
    error: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    created_at_ms: int = 0
    ended_at_ms: int | None = None
    announced_at_ms: int | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or self.task_name or self.run_id[:8]


class Spawns:
    """All subagents of a gateway over one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, spawn: Spawn) -> None:
        """Keep a new one."""
        values = {name: getattr(spawn, name) for name in Spawn.__dataclass_fields__}
        values |= {"caps": None if spawn.caps is None else json.dumps(spawn.caps), "announces": int(spawn.announces)}
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        statement = f"INSERT INTO spawns ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own fields
        await self._db.write(lambda connection: connection.execute(statement, tuple(values.values())).rowcount)

    async def end(
        self,
        run_id: str,
        state: SpawnState,
        *,
        result: str = "",
        error: str | None = None,
        tokens: tuple[int, int] = (0, 0),
    ) -> Spawn | None:
        """Keep how one ended; None when it was over already."""
        statement = (
            "UPDATE spawns SET state=?, result=?, error=?, tokens_in=?, tokens_out=?, ended_at_ms=? "
            "WHERE run_id=? AND state='running' RETURNING *"
        )
        values = (state, result[:MOST_RESULT], error, *tokens, now_ms(), run_id)
        return await self._db.write(lambda connection: _first(connection.execute(statement, values)))

    async def announced(self, run_id: str) -> None:
        """Keep that the result was told."""
        statement = "UPDATE spawns SET announced_at_ms=? WHERE run_id=?"
        await self._db.write(lambda connection: connection.execute(statement, (now_ms(), run_id)).rowcount)

    async def of_session(self, key: str) -> Spawn | None:
        """The subagent whose session that is."""
        return await self._read_first("SELECT * FROM spawns WHERE key=?", key)

    async def by(self, key: str, *, since_ms: int = 0) -> tuple[Spawn, ...]:
        """The subagents that work for a session, or ended since then, newest first."""
        query = (
            "SELECT * FROM spawns WHERE by_key=? AND (state='running' OR ended_at_ms>=?) ORDER BY created_at_ms DESC"
        )
        return await self._read(query, key, since_ms)

    async def find(self, run_id: str) -> Spawn | None:
        """The subagent of that run."""
        return await self._read_first("SELECT * FROM spawns WHERE run_id=?", run_id)

    async def newest(self, key: str | None, *, limit: int) -> tuple[Spawn, ...]:
        """The newest of those that work or worked for a session, or for anybody."""
        query = "SELECT * FROM spawns WHERE ? IS NULL OR by_key=? ORDER BY created_at_ms DESC LIMIT ?"
        return await self._read(query, key, key, limit)

    async def tally(self) -> dict[SpawnState, int]:
        """How many there are in each state."""
        query = "SELECT state, count(*) FROM spawns GROUP BY state"
        return await self._db.read(lambda connection: {row[0]: row[1] for row in connection.execute(query)})

    async def running(self) -> tuple[Spawn, ...]:
        """Those that are not over."""
        return await self._read("SELECT * FROM spawns WHERE state='running' ORDER BY created_at_ms")

    async def owed(self) -> tuple[Spawn, ...]:
        """Those whose result is still to be told, oldest first."""
        query = (
            "SELECT * FROM spawns WHERE state<>'running' AND announces=1 AND announced_at_ms IS NULL "
            "ORDER BY ended_at_ms"
        )
        return await self._read(query)

    async def ended_before(self, at_ms: int) -> tuple[Spawn, ...]:
        """Those that were over by then and whose session is not put away yet."""
        query = (
            "SELECT spawns.* FROM spawns JOIN sessions ON sessions.key=spawns.key "
            "WHERE spawns.ended_at_ms<? AND sessions.archived_at_ms IS NULL"
        )
        return await self._read(query, at_ms)

    async def _read(self, query: str, *values: object) -> tuple[Spawn, ...]:
        return await self._db.read(lambda connection: tuple(_spawn(row) for row in connection.execute(query, values)))

    async def _read_first(self, query: str, *values: object) -> Spawn | None:
        return await self._db.read(lambda connection: _first(connection.execute(query, values)))


def _first(rows: sqlite3.Cursor) -> Spawn | None:
    row = rows.fetchone()
    return _spawn(row) if row else None


def _spawn(row: sqlite3.Row) -> Spawn:
    values: dict[str, Any] = dict(row)
    values["caps"] = None if values["caps"] is None else tuple(json.loads(values["caps"]))
    values["announces"] = bool(values["announces"])
    return Spawn(**values)
