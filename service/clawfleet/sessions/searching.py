"""Looking for words in what was said."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from clawfleet.sessions.lifecycle import CLOSED
from clawfleet.sessions.model import Entry
from clawfleet.sessions.rows import entry_of

SNIPPET_CHARS = 240


@dataclass(frozen=True, slots=True)
class Found:
    """One message that has the words; `snippet` is the part of it around them."""

    session_key: str
    entry: Entry
    snippet: str


def search(
    connection: sqlite3.Connection, query: str, agent_id: str | None, keys: tuple[str, ...] | None, limit: int
) -> tuple[Found, ...]:
    """Messages of people and the assistant with `query` in them, newest first; transcripts kept apart are left out."""
    marks = ",".join("?" * len(keys or ()))
    rows = connection.execute(
        "SELECT e.*, s.key AS session_key FROM entries e JOIN sessions s USING (session_id) "  # noqa: S608
        "WHERE s.closed_at_ms IS NULL AND s.ephemeral=0 AND json_extract(e.message, '$.role') IN ('user', 'assistant') "
        "AND instr(lower(json_extract(e.message, '$.text')), lower(?)) > 0 "
        + ("AND s.agent_id=? " if agent_id else "")
        + (f"AND s.key IN ({marks}) " if keys is not None else "")
        + "ORDER BY e.at_ms DESC LIMIT ?",
        (query, *((agent_id,) if agent_id else ()), *(keys or ()), limit),
    )
    return tuple(_found(row, query) for row in rows)


def _found(row: sqlite3.Row, query: str) -> Found:
    columns = {name: row[name] for name in row.keys() if name != "session_key"}  # noqa: SIM118
    entry = entry_of(columns)
    return Found(row["session_key"].partition(CLOSED)[0], entry, _around(entry.message.text, query))


def _around(text: str, query: str) -> str:
    at = max(0, text.lower().find(query.lower()) - SNIPPET_CHARS // 2)
    part = " ".join(text[at : at + SNIPPET_CHARS].split())
    return f"{'…' if at else ''}{part}{'…' if at + SNIPPET_CHARS < len(text) else ''}"
