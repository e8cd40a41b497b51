"""The one session store: what was acknowledged is here, on disk, once.

Every method is one transaction; when it returns, its change survives `kill -9` and power loss. Source:
tools-and-sessions §7, protocol §11 (idempotency).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Message
from clawfleet.sessions.model import Entry, Input, NewInput, Note, Session, Settlement
from clawfleet.sessions.rows import entry_of, input_of, message_to_json, note_to_json, session_of
from clawfleet.store.sqlite import Database

TITLE_CHARS = 60
PREVIEW_CHARS = 120


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of a new input: `fresh` is False when it had been accepted before."""

    input: Input
    entry: Entry
    fresh: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a transcript, oldest first; `total` counts the whole of it."""

    session: Session | None
    entries: tuple[Entry, ...]
    total: int


class KeyTaken(RequestError):
    """An idempotency key was used again for another conversation."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"idempotencyKey {key!r} was already used in another session", hint="send a fresh UUID with every message"
        )


class Sessions:
    """Sessions, transcripts and inputs over one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def path(self) -> Path:
        """The file that holds it all."""
        return self._db.path

    async def accept(self, new: NewInput) -> Acceptance:
        """Keep a user's message, or find it kept already. Raises `KeyTaken`."""
        return await self._db.write(lambda connection: _accept(connection, new))

    async def append(
        self, session_id: str, run_id: str | None, messages: Sequence[Message], note: Note | None = None
    ) -> tuple[Entry, ...]:
        """Add `messages` to the end of a transcript, in one step; `note` goes beside those of the assistant."""
        return await self._db.write(lambda connection: _append(connection, session_id, run_id, messages, note))

    async def settle(
        self, end: Settlement, messages: Sequence[Message] = (), note: Note | None = None
    ) -> tuple[Entry, ...]:
        """Write how a run ended together with its last messages: both are there after a crash, or neither."""

        def work(connection: sqlite3.Connection) -> tuple[Entry, ...]:
            row = connection.execute(
                "UPDATE inputs SET state=?, reply=?, text='', settled_at_ms=? WHERE run_id=? RETURNING session_id",
                (end.state, end.reply, now_ms(), end.run_id),
            ).fetchone()
            if row is None:  # the session was deleted while the run went on
                return ()
            connection.execute(
                "UPDATE sessions SET model=coalesce(?, model), input_tokens=input_tokens+?, "
                "output_tokens=output_tokens+? WHERE session_id=?",
                (end.model, end.usage.input + end.usage.cache_read, end.usage.output, row["session_id"]),
            )
            return _append(connection, row["session_id"], end.run_id, messages, note)

        return await self._db.write(work)

    async def mark(self, run_id: str, state: str) -> None:
        """Move an input to its last `state` without adding to its transcript."""
        statement = "UPDATE inputs SET state=?, text='', reply=NULL, settled_at_ms=? WHERE run_id=?"
        await self._db.write(lambda connection: connection.execute(statement, (state, now_ms(), run_id)).rowcount)

    async def interrupt(self, why: str) -> int:
        """Mark accepted inputs that no channel waits for as interrupted, say `why` in the transcript; how many."""

        def work(connection: sqlite3.Connection) -> int:
            rows = connection.execute(
                "UPDATE inputs SET state='interrupted', text='', settled_at_ms=? "
                "WHERE state='accepted' AND delivery IS NULL RETURNING session_id, run_id",
                (now_ms(),),
            ).fetchall()
            for row in rows:
                note = Note(stop_reason="error", error=why)
                _append(connection, row["session_id"], row["run_id"], (Message("assistant"),), note)
            return len(rows)

        return await self._db.write(work)

    async def transcript(self, session_id: str, *, max_chars: int) -> tuple[Entry, ...]:
        """The newest entries of a transcript, oldest first, up to `max_chars` of their stored form and at least one."""

        def work(connection: sqlite3.Connection) -> tuple[Entry, ...]:
            kept: list[Entry] = []
            left = max_chars
            rows = connection.execute("SELECT * FROM entries WHERE session_id=? ORDER BY seq DESC", (session_id,))
            for row in rows:
                left -= len(row["message"])
                if left < 0 and kept:
                    break
                kept.append(entry_of(row))
            return tuple(reversed(kept))

        return await self._db.read(work)

    async def history(self, key: str, *, limit: int, offset: int = 0) -> Page:
        """The last `limit` entries before the newest `offset`; an unknown key is an empty page."""

        def work(connection: sqlite3.Connection) -> Page:
            row = connection.execute("SELECT * FROM sessions WHERE key=?", (key,)).fetchone()
            if row is None:
                return Page(None, (), 0)
            session = session_of(row)
            total = connection.execute(
                "SELECT count(*) FROM entries WHERE session_id=?", (session.session_id,)
            ).fetchone()[0]
            return Page(session, _tail(connection, session.session_id, limit, offset), total)

        return await self._db.read(work)

    async def recent(self, *, agent_id: str | None, limit: int, offset: int = 0) -> tuple[tuple[Session, ...], int]:
        """Sessions that lists show, newest first, and how many there are."""
        where = "WHERE ephemeral=0" + (" AND agent_id=?" if agent_id else "")
        params = (agent_id,) if agent_id else ()

        def work(connection: sqlite3.Connection) -> tuple[tuple[Session, ...], int]:
            total = connection.execute(f"SELECT count(*) FROM sessions {where}", params).fetchone()[0]  # noqa: S608
            rows = connection.execute(
                f"SELECT * FROM sessions {where} ORDER BY updated_at_ms DESC LIMIT ? OFFSET ?",  # noqa: S608
                (*params, limit, offset),
            )
            return tuple(session_of(row) for row in rows), total

        return await self._db.read(work)

    async def unfinished(self) -> tuple[Input, ...]:
        """Inputs whose answer or delivery is still owed, oldest first: what an earlier process left behind."""
        return await self._db.read(
            lambda connection: tuple(
                input_of(row)
                for row in connection.execute(
                    "SELECT * FROM inputs WHERE state IN ('accepted', 'answered') ORDER BY accepted_at_ms"
                )
            )
        )

    async def prune(self, older_than_ms: int) -> int:
        """Delete ephemeral sessions that were last used before `older_than_ms`; how many went."""
        return await self._db.write(
            lambda connection: (
                connection.execute(
                    "DELETE FROM sessions WHERE ephemeral=1 AND updated_at_ms<?", (older_than_ms,)
                ).rowcount
            )
        )


def _accept(connection: sqlite3.Connection, new: NewInput) -> Acceptance:
    known = connection.execute(
        "SELECT * FROM inputs WHERE idempotency_key=? OR run_id=?", (new.idempotency_key, new.run_id)
    ).fetchone()
    if known is not None:
        return _accept_again(connection, input_of(known), new)
    session_id = _ensure_session(connection, new)
    (entry,) = _append(connection, session_id, new.run_id, (new.message,))
    row = connection.execute(
        "INSERT INTO inputs (run_id, idempotency_key, session_key, session_id, agent_id, entry_id, text, model, "
        "delivery, state, accepted_at_ms) VALUES (?,?,?,?,?,?,?,?,?,'accepted',?) RETURNING *",
        (new.run_id, new.idempotency_key, new.session_key, session_id, new.agent_id, entry.entry_id,
         new.message.text, new.model, new.delivery, entry.at_ms),
    ).fetchone()  # fmt: skip
    return Acceptance(input_of(row), entry, fresh=True)


def _accept_again(connection: sqlite3.Connection, known: Input, new: NewInput) -> Acceptance:
    if known.session_key != new.session_key:
        raise KeyTaken(new.idempotency_key)
    entry = entry_of(connection.execute("SELECT * FROM entries WHERE entry_id=?", (known.entry_id,)).fetchone())
    if known.state != "interrupted":
        return Acceptance(known, entry, fresh=False)
    # It is being answered after all: what `interrupt` said about it no longer holds.
    told = message_to_json(Message("assistant"))
    connection.execute("DELETE FROM entries WHERE run_id=? AND message=?", (known.run_id, told))
    row = connection.execute(
        "UPDATE inputs SET state='accepted' WHERE run_id=? RETURNING *", (known.run_id,)
    ).fetchone()
    return Acceptance(input_of(row), entry, fresh=True)


def _ensure_session(connection: sqlite3.Connection, new: NewInput) -> str:
    at = now_ms()
    row = connection.execute(
        "INSERT INTO sessions (key, session_id, agent_id, created_at_ms, updated_at_ms, title, ephemeral) "
        "VALUES (?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET updated_at_ms=excluded.updated_at_ms "
        "RETURNING session_id",
        (
            new.session_key,
            new_id(),
            new.agent_id,
            at,
            at,
            _beginning(new.message.text, TITLE_CHARS),
            int(new.ephemeral),
        ),
    ).fetchone()
    return str(row["session_id"])


def _append(
    connection: sqlite3.Connection,
    session_id: str,
    run_id: str | None,
    messages: Sequence[Message],
    note: Note | None = None,
) -> tuple[Entry, ...]:
    if not messages:
        return ()
    at = now_ms()
    last = connection.execute("SELECT max(seq) FROM entries WHERE session_id=?", (session_id,)).fetchone()[0] or 0
    entries = tuple(
        Entry(session_id, last + number, new_id(), run_id, at, message, note if message.role == "assistant" else None)
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
    connection.execute(
        "UPDATE sessions SET updated_at_ms=?, preview=coalesce(?, preview) WHERE session_id=?",
        (at, _beginning(said, PREVIEW_CHARS), session_id),
    )
    return entries


def _beginning(text: str, chars: int) -> str | None:
    """The first `chars` of a text on one line; None for an empty one."""
    line = " ".join(text[: chars * 4].split())
    return (line if len(line) <= chars else f"{line[:chars].rstrip()}…") or None


def _tail(connection: sqlite3.Connection, session_id: str, limit: int, offset: int) -> tuple[Entry, ...]:
    rows = connection.execute(
        "SELECT * FROM entries WHERE session_id=? ORDER BY seq DESC LIMIT ? OFFSET ?", (session_id, limit, offset)
    ).fetchall()
    return tuple(entry_of(row) for row in reversed(rows))
