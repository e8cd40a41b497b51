"""How many tokens were spent, by whom, when: read from the notes beside the messages."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from clawfleet.core.messages import Role, Usage
from clawfleet.sessions.lifecycle import CLOSED
from clawfleet.sessions.rows import note_from_json


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One message with what it cost; `usage` is None for those that no model said."""

    session_key: str
    session_id: str
    agent_id: str
    run_id: str | None
    at_ms: int
    role: Role
    provider: str | None
    model: str | None
    tool_calls: int
    is_error: bool
    usage: Usage | None


def model_calls(
    connection: sqlite3.Connection, since_ms: int, until_ms: int, agent_id: str | None, key: str | None
) -> tuple[UsageRow, ...]:
    """Every message from `since_ms` to before `until_ms`, oldest first."""
    rows = connection.execute(
        "SELECT s.key, s.session_id, s.agent_id, e.run_id, e.at_ms, e.meta, json_extract(e.message, '$.role') AS role, "
        "json_array_length(e.message, '$.toolCalls') AS calls, json_extract(e.message, '$.isError') AS failed "
        "FROM entries e JOIN sessions s USING (session_id) WHERE e.at_ms >= ?1 AND e.at_ms < ?2 "
        "AND (?3 IS NULL OR s.agent_id=?3) AND (?4 IS NULL OR s.key=?4) "
        # what a reset closed comes before what follows it
        "ORDER BY e.at_ms, s.closed_at_ms IS NULL, s.closed_at_ms, e.seq",
        (since_ms, until_ms, agent_id, key),
    )
    return tuple(_row(row) for row in rows)


def _row(row: sqlite3.Row) -> UsageRow:
    note = note_from_json(row["meta"])
    return UsageRow(
        session_key=row["key"].partition(CLOSED)[0],
        session_id=row["session_id"],
        agent_id=row["agent_id"],
        run_id=row["run_id"],
        at_ms=row["at_ms"],
        role=row["role"],
        provider=note.provider if note else None,
        model=note.model if note else None,
        tool_calls=row["calls"] or 0,
        is_error=bool(row["failed"]) or bool(note and note.error),
        usage=note.usage if note else None,
    )
