"""Sessions made, changed, begun anew, put away and deleted, in SQLite. Each function is part of a job."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Message
from clawfleet.sessions.entries import append, count
from clawfleet.sessions.model import NO_CHOICES, Choices, Note, Session
from clawfleet.sessions.rows import session_of

RESET_TEXT = "Reset"
CLOSED = "#"
"""Between a session's key and the id of a transcript that it had before; no key of a client has it there."""

_COLUMNS = {
    "model": "chosen_model",
    **{name: name for name in ("thinking", "elevated", "exec_host", "exec_node", "send_policy", "response_usage")},
    **{name: name for name in ("verbose", "reasoning")},
    **{name: name for name in ("label", "category", "icon", "color")},
}


class LabelTaken(RequestError):
    """Two sessions would have the same name."""

    code = "LABEL_IN_USE"

    def __init__(self, label: str) -> None:
        super().__init__(f"label already in use: {label}", hint="choose another label")


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be made; an existing one of that key is left as it is but for `choices` that are set."""

    key: str
    agent_id: str
    created_via: str = "operator"
    parent_key: str | None = None
    choices: Choices = NO_CHOICES


@dataclass(frozen=True, slots=True)
class Patch:
    """What is to change. `choices` names those that are given (None clears one); None elsewhere leaves it as it is."""

    choices: Mapping[str, str | None] = field(default_factory=dict)
    archived: bool | None = None
    pinned: bool | None = None
    unread: bool | None = None


def find(connection: sqlite3.Connection, key: str) -> Session | None:
    """The session of that key."""
    row = connection.execute("SELECT * FROM sessions WHERE key=?", (key,)).fetchone()
    return session_of(row) if row else None


def create(connection: sqlite3.Connection, new: NewSession) -> tuple[Session, bool]:
    """The session of `new.key` and whether it was made just now. Raises `LabelTaken`."""
    at = now_ms()
    made = connection.execute(
        "INSERT INTO sessions (key, session_id, agent_id, created_at_ms, updated_at_ms, started_at_ms, created_via, "
        "parent_key) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (key) DO NOTHING",
        (new.key, new_id(), new.agent_id, at, at, at, new.created_via, new.parent_key),
    ).rowcount
    chosen = {name: value for name in _COLUMNS if (value := getattr(new.choices, name)) is not None}
    session = patch(connection, new.key, Patch(choices=chosen))
    return session, made == 1


def patch(connection: sqlite3.Connection, key: str, wanted: Patch) -> Session:
    """The session of `key` after the change. Raises `LabelTaken`."""
    changes: dict[str, object] = {_COLUMNS[name]: value for name, value in wanted.choices.items()}
    label = wanted.choices.get("label")
    if label is not None and _has_other(connection, label, key):
        raise LabelTaken(label)
    at = now_ms()
    for name, claim in (("archived_at_ms", wanted.archived), ("pinned_at_ms", wanted.pinned)):
        if claim is not None:
            changes[name] = at if claim else None
    if wanted.unread is not None:
        changes["unread"] = int(wanted.unread)
    if changes:
        assignments = ", ".join(f"{name}=?" for name in changes)
        connection.execute(f"UPDATE sessions SET {assignments} WHERE key=?", (*changes.values(), key))  # noqa: S608
    session = find(connection, key)
    assert session is not None
    return session


def _has_other(connection: sqlite3.Connection, label: str, key: str) -> bool:
    other = "SELECT 1 FROM sessions WHERE label=? AND key<>? AND closed_at_ms IS NULL"
    return connection.execute(other, (label, key)).fetchone() is not None


def renew(connection: sqlite3.Connection, key: str) -> Session:
    """The session of `key` with a new id and a transcript that begins with a reset; the old one is kept apart."""
    old = find(connection, key)
    assert old is not None
    at, session_id = now_ms(), new_id()
    _close(connection, old, at)
    connection.execute("DELETE FROM progress_cards WHERE key=?", (key,))
    kept = ", ".join(("created_via", "parent_key", "pinned_at_ms", "ephemeral", *_COLUMNS.values()))
    connection.execute(
        "INSERT INTO sessions "  # noqa: S608 - our own names
        f"(key, session_id, agent_id, created_at_ms, updated_at_ms, started_at_ms, asked_at_ms, {kept}) "
        f"SELECT ?, ?, agent_id, created_at_ms, ?, ?, asked_at_ms, {kept} "
        "FROM sessions WHERE session_id=?",
        (key, session_id, at, at, old.session_id),
    )
    return append(connection, session_id, None, (Message("system", RESET_TEXT),), Note(kind="reset")).session


def remove(connection: sqlite3.Connection, key: str) -> tuple[Session | None, bool]:
    """The session that was deleted, and whether its transcript is kept apart; an empty one leaves nothing."""
    session = find(connection, key)
    if session is None:
        return None, False
    if count(connection, session.session_id):
        _close(connection, session, now_ms())
        return session, True
    connection.execute("DELETE FROM sessions WHERE session_id=?", (session.session_id,))
    return session, False


def _close(connection: sqlite3.Connection, session: Session, at: int) -> None:
    connection.execute(
        "UPDATE sessions SET key=?, closed_at_ms=? WHERE session_id=?",
        (f"{session.key}{CLOSED}{session.session_id}", at, session.session_id),
    )
