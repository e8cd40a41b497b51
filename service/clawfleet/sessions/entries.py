"""The entries of transcripts in SQLite: adding, reading the newest, finding one. Each function is part of a job."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from clawfleet.core.clock import now_ms
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Message
from clawfleet.sessions.model import Entry, Note, SessionChange
from clawfleet.sessions.rows import entry_of, message_to_json, note_to_json, session_of

PREVIEW_CHARS = 120


def append(
    connection: sqlite3.Connection,
    session_id: str,
    run_id: str | None,
    messages: Sequence[Message],
    note: Note | None = None,
) -> SessionChange:
    """Add `messages` to the end; what was added and the session after it. `note` goes beside those it speaks of."""
    at = now_ms()
    last = connection.execute("SELECT max(seq) FROM entries WHERE session_id=?", (session_id,)).fetchone()[0] or 0
    entries = tuple(
        Entry(session_id, last + number, new_id(), run_id, at, message, _note_for(message, note))
        for number, message in enumerate(messages, start=1)
    )
    connection.executemany(
        "INSERT INTO entries (session_id, seq, entry_id, run_id, at_ms, message, meta) VALUES (?,?,?,?,?,?,?)",
        [
            (e.session_id, e.seq, e.entry_id, e.run_id, e.at_ms, message_to_json(e.message), note_to_json(e.note))
            for e in entries
        ],
    )
    said = next((e.message.text for e in reversed(entries) if e.message.role in ("user", "assistant")), "")
    row = connection.execute(
        "UPDATE sessions SET updated_at_ms=?, preview=coalesce(?, preview) WHERE session_id=? RETURNING *",
        (at, beginning(said, PREVIEW_CHARS), session_id),
    ).fetchone()
    return SessionChange(session_of(row), entries=entries)


def _note_for(message: Message, note: Note | None) -> Note | None:
    if note is None or (message.role in ("user", "tool") and note.kind != "command"):
        return None
    return note


def beginning(text: str, chars: int) -> str | None:
    """The first `chars` of a text on one line; None for an empty one."""
    line = " ".join(text[: chars * 4].split())
    return (line if len(line) <= chars else f"{line[:chars].rstrip()}…") or None


def tail(connection: sqlite3.Connection, session_id: str, limit: int, offset: int) -> tuple[Entry, ...]:
    """The last `limit` entries before the newest `offset`, oldest first."""
    rows = connection.execute(
        "SELECT * FROM entries WHERE session_id=? ORDER BY seq DESC LIMIT ? OFFSET ?", (session_id, limit, offset)
    ).fetchall()
    return tuple(entry_of(row) for row in reversed(rows))


def after(connection: sqlite3.Connection, session_id: str, seq: int, limit: int) -> tuple[Entry, ...]:
    """The first `limit` entries behind `seq`."""
    rows = connection.execute(
        "SELECT * FROM entries WHERE session_id=? AND seq>? ORDER BY seq LIMIT ?", (session_id, seq, limit)
    )
    return tuple(entry_of(row) for row in rows)


def newest(connection: sqlite3.Connection, session_id: str, max_chars: int) -> tuple[Entry, ...]:
    """What a model may still read, oldest first: up to `max_chars` of stored form and at least one entry.

    Pictures do not count: their size says nothing of what a model takes for them. Nothing from before
    the newest compaction but its summary and what it left standing.
    """
    kept: list[Entry] = []
    left, floor = max_chars, 0
    for row in connection.execute("SELECT * FROM entries WHERE session_id=? ORDER BY seq DESC", (session_id,)):
        entry = entry_of(row)
        left -= len(row["message"]) - sum(len(image.data) for image in entry.message.images)
        if row["seq"] < floor or (left < 0 and kept and not floor):
            break
        if entry.note and entry.note.kind == "compaction":
            if floor:
                continue
            floor = entry.note.first_kept or entry.seq
        kept.append(entry)
    return tuple(reversed(kept))


def count(connection: sqlite3.Connection, session_id: str) -> int:
    """How many entries a transcript has."""
    return int(connection.execute("SELECT count(*) FROM entries WHERE session_id=?", (session_id,)).fetchone()[0])
