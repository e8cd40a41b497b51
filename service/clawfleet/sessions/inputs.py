"""What users send, in SQLite: kept once however often it arrives, settled when its run is over."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Message, ToolCall, cut_off
from clawfleet.sessions.entries import append, beginning
from clawfleet.sessions.lifecycle import renew
from clawfleet.sessions.model import Entry, Input, NewInput, Note, RunState, Session, SessionChange, Settlement
from clawfleet.sessions.rows import entry_of, input_of, message_to_json, session_of

TITLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of a new input: `fresh` is False when it had been accepted before."""

    input: Input
    entry: Entry
    session: Session
    fresh: bool


class SendBlocked(RequestError):
    """The session takes no messages."""

    code = "SEND_BLOCKED"

    def __init__(self) -> None:
        super().__init__("send blocked by session policy", hint="an owner opens it again with /send on")


class KeyTaken(RequestError):
    """An idempotency key was used again for another conversation."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"idempotencyKey {key!r} was already used in another session", hint="send a fresh UUID with every message"
        )


def accept(connection: sqlite3.Connection, new: NewInput) -> Acceptance:
    """Keep a user's message, or find it kept already. Raises `KeyTaken`, `SendBlocked`."""
    known = connection.execute(
        "SELECT * FROM inputs WHERE idempotency_key=? OR run_id=?", (new.idempotency_key, new.run_id)
    ).fetchone()
    if known is not None:
        return _accept_again(connection, input_of(known), new)
    session_id = _ensure_session(connection, new)
    if new.resets:
        session_id = renew(connection, new.session_key).session_id
    note = Note(kind="command") if new.is_command else None
    kept = append(connection, session_id, new.run_id, (new.message,), note)
    (entry,) = kept.entries
    row = connection.execute(
        "INSERT INTO inputs (run_id, idempotency_key, session_key, session_id, agent_id, entry_id, text, model, "
        "delivery, requester, state, accepted_at_ms) VALUES (?,?,?,?,?,?,?,?,?,?,'accepted',?) RETURNING *",
        (new.run_id, new.idempotency_key, new.session_key, session_id, new.agent_id, entry.entry_id,
         new.message.text, new.model, new.delivery, new.requester, entry.at_ms),
    ).fetchone()  # fmt: skip
    return Acceptance(input_of(row), entry, kept.session, fresh=True)


def _accept_again(connection: sqlite3.Connection, known: Input, new: NewInput) -> Acceptance:
    if known.session_key != new.session_key:
        raise KeyTaken(new.idempotency_key)
    entry = entry_of(connection.execute("SELECT * FROM entries WHERE entry_id=?", (known.entry_id,)).fetchone())
    row = connection.execute("SELECT * FROM sessions WHERE session_id=?", (known.session_id,)).fetchone()
    session = session_of(row)
    if known.state != "interrupted":
        return Acceptance(known, entry, session, fresh=False)
    # It is being answered after all: what `interrupt` said about it no longer holds.
    told = message_to_json(Message("assistant"))
    connection.execute("DELETE FROM entries WHERE run_id=? AND message=?", (known.run_id, told))
    row = connection.execute(
        "UPDATE inputs SET state='accepted' WHERE run_id=? RETURNING *", (known.run_id,)
    ).fetchone()
    return Acceptance(input_of(row), entry, session, fresh=True)


def _ensure_session(connection: sqlite3.Connection, new: NewInput) -> str:
    at = now_ms()
    title = None if new.is_command else beginning(new.message.text, TITLE_CHARS)
    row = connection.execute(
        "INSERT INTO sessions (key, session_id, agent_id, created_at_ms, updated_at_ms, started_at_ms, asked_at_ms, "
        "title, ephemeral) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET "
        "updated_at_ms=excluded.updated_at_ms, asked_at_ms=excluded.asked_at_ms, "
        "title=coalesce(title, excluded.title), archived_at_ms=NULL RETURNING session_id, send_policy",
        (new.session_key, new_id(), new.agent_id, at, at, at, at, title, int(new.ephemeral)),
    ).fetchone()
    if row["send_policy"] == "deny" and not new.is_command:
        raise SendBlocked
    return str(row["session_id"])


def settle(
    connection: sqlite3.Connection, end: Settlement, messages: tuple[Message, ...], note: Note | None
) -> SessionChange | None:
    """Write how a run ended together with its last messages; None when its session was deleted meanwhile."""
    at = now_ms()
    row = connection.execute(
        "UPDATE inputs SET state=?, reply=?, text='', settled_at_ms=? WHERE run_id=? RETURNING session_id",
        (end.state, end.reply, at, end.run_id),
    ).fetchone()
    if row is None:
        return None
    connection.execute(
        "UPDATE sessions SET model=coalesce(?, model), input_tokens=input_tokens+?, output_tokens=output_tokens+?, "
        "context_used=coalesce(nullif(?, 0), context_used), unread=1, run_id=?, run_state=?, run_error=?, "
        "run_started_ms=?, run_ended_ms=? WHERE session_id=?",
        (end.model, end.usage.input + end.usage.cache_read, end.usage.output, end.context_used, end.run_id,
         _run_state(end), end.error, end.started_at_ms or at, at, row["session_id"]),
    )  # fmt: skip
    if end.state != "done":
        _answer_open_calls(connection, row["session_id"], end.run_id)
    return append(connection, row["session_id"], end.run_id, messages, note)


def repair(connection: sqlite3.Connection) -> int:
    """Answer the tool calls that a crash left open in runs that never ended; how many there were."""
    rows = connection.execute("SELECT session_id, run_id FROM inputs WHERE state='accepted'").fetchall()
    return sum(_answer_open_calls(connection, row["session_id"], row["run_id"]) for row in rows)


def _answer_open_calls(connection: sqlite3.Connection, session_id: str, run_id: str) -> int:
    """Give every tool call of a run that has no result one that says so: no transcript keeps an orphan."""
    query = "SELECT * FROM entries WHERE session_id=? AND run_id=? ORDER BY seq"
    owed: dict[str, ToolCall] = {}
    for message in (entry_of(row).message for row in connection.execute(query, (session_id, run_id))):
        owed.update({call.id: call for call in message.tool_calls})
        owed.pop(message.tool_call_id or "", None)
    if owed:
        append(connection, session_id, run_id, tuple(map(cut_off, owed.values())))
    return len(owed)


def _run_state(end: Settlement) -> RunState:
    if end.error is not None:
        return "failed"
    return "killed" if end.state == "aborted" else "done"
