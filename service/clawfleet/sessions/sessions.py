"""The one session store: what was acknowledged is here, on disk, once.

Every method is one transaction; when it returns, its change survives `kill -9` and power loss. The statements are
beside it: `inputs`, `entries`, `lifecycle`, `lists`, `searching`, `usage`. Source: tools-and-sessions §7.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clawfleet.core.clock import now_ms
from clawfleet.core.events import Bus
from clawfleet.core.messages import Message
from clawfleet.sessions import entries, inputs, lifecycle, lists, searching, usage
from clawfleet.sessions.cards import Cards
from clawfleet.sessions.inputs import Acceptance
from clawfleet.sessions.lifecycle import NewSession, Patch
from clawfleet.sessions.lists import Wanted
from clawfleet.sessions.model import Entry, Input, NewInput, Note, Session, SessionChange, Settlement
from clawfleet.sessions.rows import entry_of, input_of, session_of
from clawfleet.sessions.searching import Found
from clawfleet.sessions.spawns import Spawns
from clawfleet.sessions.usage import UsageRow
from clawfleet.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a transcript, oldest first; `total` counts the whole of it."""

    session: Session | None
    entries: tuple[Entry, ...]
    total: int


class Sessions:
    """Sessions, transcripts and inputs over one database. `changes` tells what became of them, once it is on disk."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.changes: Bus[SessionChange] = Bus()
        self.spawns = Spawns(db)
        self.cards = Cards(db)

    @property
    def path(self) -> Path:
        """The file that holds it all."""
        return self._db.path

    async def accept(self, new: NewInput) -> Acceptance:
        """Keep a user's message, or find it kept already. Raises `KeyTaken`.

        `changes` does not tell of it: who starts its run does, after the acknowledgement.
        """
        return await self._db.write(lambda connection: inputs.accept(connection, new))

    async def append(
        self, session_id: str, run_id: str | None, messages: Sequence[Message], note: Note | None = None
    ) -> tuple[Entry, ...]:
        """Add `messages` to the end of a transcript, in one step; `note` goes beside those it speaks of."""
        if not messages:
            return ()
        change = await self._db.write(lambda connection: entries.append(connection, session_id, run_id, messages, note))
        self.changes.tell(change)
        return change.entries

    async def settle(
        self, end: Settlement, messages: Sequence[Message] = (), note: Note | None = None
    ) -> SessionChange | None:
        """Write how a run ended together with its last messages: both are there after a crash, or neither.

        The session after it; None when it was deleted while the run went on.
        """
        change = await self._db.write(lambda connection: inputs.settle(connection, end, tuple(messages), note))
        if change is not None:
            self.changes.tell(change)
        return change

    async def mark(self, run_id: str, state: str) -> None:
        """Move an input to its last `state` without adding to its transcript."""
        statement = "UPDATE inputs SET state=?, text='', reply=NULL, settled_at_ms=? WHERE run_id=?"
        await self._db.write(lambda connection: connection.execute(statement, (state, now_ms(), run_id)).rowcount)

    async def repair(self) -> int:
        """Give the tool calls that a crash left open a result that says so; how many. Call it at the start."""
        return await self._db.write(inputs.repair)

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
                entries.append(connection, row["session_id"], row["run_id"], (Message("assistant"),), note)
            return len(rows)

        return await self._db.write(work)

    async def input(self, run_id: str) -> Input | None:
        """An input by its run's id or its idempotency key."""
        query = "SELECT * FROM inputs WHERE run_id=? OR idempotency_key=?"

        def work(connection: sqlite3.Connection) -> Input | None:
            row = connection.execute(query, (run_id, run_id)).fetchone()
            return input_of(row) if row else None

        return await self._db.read(work)

    async def transcript(self, session_id: str, *, max_chars: int) -> tuple[Entry, ...]:
        """What a model may still read, oldest first: up to `max_chars` of stored form, at least one entry, and nothing
        from before the newest compaction but its summary and what it left standing."""
        return await self._db.read(lambda connection: entries.newest(connection, session_id, max_chars))

    async def history(self, key: str, *, limit: int, offset: int = 0) -> Page:
        """The last `limit` entries before the newest `offset`; an unknown key is an empty page."""

        def work(connection: sqlite3.Connection) -> Page:
            session = lifecycle.find(connection, key)
            if session is None:
                return Page(None, (), 0)
            total = entries.count(connection, session.session_id)
            return Page(session, entries.tail(connection, session.session_id, limit, offset), total)

        return await self._db.read(work)

    async def since(self, key: str, session_id: str, seq: int, *, limit: int) -> Page | None:
        """The entries behind `seq`; None when the session is another by now or has more than `limit` of them."""

        def work(connection: sqlite3.Connection) -> Page | None:
            session = lifecycle.find(connection, key)
            if session is None or session.session_id != session_id:
                return None
            found = entries.after(connection, session_id, seq, limit + 1)
            if len(found) > limit:
                return None
            return Page(session, found, entries.count(connection, session_id))

        return await self._db.read(work)

    async def entry(self, entry_id: str) -> Entry | None:
        """One entry."""

        def work(connection: sqlite3.Connection) -> Entry | None:
            row = connection.execute("SELECT * FROM entries WHERE entry_id=?", (entry_id,)).fetchone()
            return entry_of(row) if row else None

        return await self._db.read(work)

    async def find(self, key: str) -> Session | None:
        """The session of that key."""
        return await self._db.read(lambda connection: lifecycle.find(connection, key))

    async def find_by(self, *, label: str | None = None, session_id: str | None = None) -> tuple[Session, ...]:
        """The sessions of that label or id."""
        query = "SELECT * FROM sessions WHERE (label=? OR session_id=?) AND closed_at_ms IS NULL"
        return await self._db.read(
            lambda connection: tuple(session_of(row) for row in connection.execute(query, (label, session_id)))
        )

    async def listed(
        self, wanted: Wanted, *, limit: int, offset: int = 0
    ) -> tuple[tuple[Session, ...], int, dict[str, list[str]]]:
        """The sessions of `wanted`, how many there are without the limit, and which came from each of them."""

        def work(connection: sqlite3.Connection) -> tuple[tuple[Session, ...], int, dict[str, list[str]]]:
            found, total = lists.listed(connection, wanted, limit, offset)
            return found, total, lists.children(connection, tuple(session.key for session in found))

        return await self._db.read(work)

    async def recent(self, *, agent_id: str | None, limit: int, offset: int = 0) -> tuple[tuple[Session, ...], int]:
        """Sessions that lists show, newest first, and how many there are."""
        wanted = Wanted(agent_ids=(agent_id,) if agent_id else None)
        return await self._db.read(lambda connection: lists.listed(connection, wanted, limit, offset))

    async def create(self, new: NewSession) -> tuple[Session, bool]:
        """The session of a key and whether it was made just now. Raises `LabelTaken`."""
        session, made = await self._db.write(lambda connection: lifecycle.create(connection, new))
        if made:
            self.changes.tell(SessionChange(session, "create"))
        return session, made

    async def patch(self, key: str, wanted: Patch) -> Session:
        """The session of a key, which must be there, after a change. Raises `LabelTaken`."""
        session = await self._db.write(lambda connection: lifecycle.patch(connection, key, wanted))
        self.changes.tell(SessionChange(session, "patch"))
        return session

    async def renew(self, key: str) -> Session:
        """The session of a key, which must be there, with a new id and an empty transcript; the old one is kept."""
        session = await self._db.write(lambda connection: lifecycle.renew(connection, key))
        self.changes.tell(SessionChange(session, "reset"))
        return session

    async def remove(self, key: str) -> tuple[Session | None, bool]:
        """The session that was deleted, None if there was none, and whether its transcript is kept apart."""
        session, kept = await self._db.write(lambda connection: lifecycle.remove(connection, key))
        if session is not None:
            self.changes.tell(SessionChange(session, "delete"))
        return session, kept

    async def compacted(self, session_id: str, summary: str, note: Note) -> Entry:
        """Keep the summary of a compaction; transcripts for models begin with it from now on."""

        def work(connection: sqlite3.Connection) -> SessionChange:
            connection.execute(
                "UPDATE sessions SET compactions=compactions+1, context_used=0 WHERE session_id=?", (session_id,)
            )
            return entries.append(connection, session_id, None, (Message("system", summary),), note)

        change = await self._db.write(work)
        self.changes.tell(SessionChange(change.session, "compact", change.entries))
        return change.entries[0]

    async def search(
        self, query: str, *, agent_id: str | None, keys: tuple[str, ...] | None, limit: int
    ) -> tuple[Found, ...]:
        """What was said with `query` in it, newest first."""
        return await self._db.read(lambda connection: searching.search(connection, query, agent_id, keys, limit))

    async def usage(
        self, *, since_ms: int, until_ms: int, agent_id: str | None = None, key: str | None = None
    ) -> tuple[UsageRow, ...]:
        """Every model call of that time with its tokens, oldest first; also of sessions that were reset or deleted."""
        return await self._db.read(lambda connection: usage.model_calls(connection, since_ms, until_ms, agent_id, key))

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

    async def prune(self, older_than_ms: int, closed_before_ms: int = 0) -> int:
        """Delete ephemeral sessions last used before `older_than_ms`, and transcripts kept from before
        `closed_before_ms`; how many went."""
        statement = "DELETE FROM sessions WHERE (ephemeral=1 AND updated_at_ms<?) OR closed_at_ms<?"
        return await self._db.write(
            lambda connection: connection.execute(statement, (older_than_ms, closed_before_ms)).rowcount
        )
