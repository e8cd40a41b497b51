"""Strangers who wrote to a channel: their pending requests with codes, and the senders that were approved.

One store per instance, read afresh for every message, so that an approval made by another process counts at once.
Source: channels §2.3.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import NotFoundError, RequestError
from clawfleet.store.sqlite import Database

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
LIFETIME_MS = 3_600_000
MAX_PENDING = 3
"""Requests that may wait per channel and account; a further stranger gets nothing."""


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """One stranger who waits. `meta` is what the platform says of them (`username`, `firstName` …), untrusted.

    `answered` is False until the code was sent to them, also across a crash between the two.
    """

    channel: str
    account: str
    sender_id: str
    code: str
    meta: Mapping[str, str]
    created_at_ms: int
    last_seen_at_ms: int
    answered: bool

    @property
    def expires_at_ms(self) -> int:
        """When the code stops working."""
        return self.created_at_ms + LIFETIME_MS


@dataclass(frozen=True, slots=True)
class Approved:
    """A sender who may now write."""

    channel: str
    account: str
    sender_id: str


class CodeUnknown(NotFoundError):
    """No request of that code waits: mistyped, expired, or approved already."""

    code = "PAIRING_CODE_UNKNOWN"

    def __init__(self, code: str, channel: str, command: str = "openclaw") -> None:
        super().__init__(
            f'No pending pairing request found for code "{code}". '
            f"Run {command} pairing list --channel {channel} to list pending requests."
        )


class CodeAmbiguous(RequestError):
    """The same code waits in two places; astronomically rare, but an approval must never guess."""

    code = "PAIRING_CODE_AMBIGUOUS"

    def __init__(self, code: str) -> None:
        super().__init__(f'code "{code}" waits in more than one account', hint="say which with --account <id>")


class PairingStore:
    """The pairing tables of one instance. `clock` gives milliseconds and is replaced in tests."""

    def __init__(self, db: Database, clock: Callable[[], int] = now_ms) -> None:
        self._db = db
        self._clock = clock

    async def request(
        self, channel: str, account: str, sender_id: str, meta: Mapping[str, str]
    ) -> PairingRequest | None:
        """The stranger's request, made now or found waiting; None when too many others wait."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> PairingRequest | None:
            _forget_expired(connection, now)
            known = connection.execute(
                "UPDATE pairing_requests SET last_seen_at_ms=? WHERE channel=? AND account=? AND sender_id=?"
                " RETURNING *",
                (now, channel, account, sender_id),
            ).fetchone()
            if known is not None:
                return _request_of(known)
            if _pending(connection, channel, account) >= MAX_PENDING:
                return None
            made = PairingRequest(channel, account, sender_id, _new_code(connection), dict(meta), now, now, False)
            connection.execute(
                "INSERT INTO pairing_requests VALUES (?, ?, ?, ?, ?, ?, ?)",
                (channel, account, sender_id, made.code, _meta_json(made.meta, answered=False), now, now),
            )
            return made

        return await self._db.write(work)

    async def mark_answered(self, request: PairingRequest) -> None:
        """Note that the stranger has the code, so that they are not told again."""
        await self._db.write(
            lambda connection: connection.execute(
                "UPDATE pairing_requests SET meta_json=? WHERE channel=? AND account=? AND sender_id=? AND code=?",
                (
                    _meta_json(request.meta, answered=True),
                    *(request.channel, request.account, request.sender_id, request.code),
                ),
            )
        )

    async def list(self, channel: str | None = None, account: str | None = None) -> tuple[PairingRequest, ...]:
        """The requests that can still be approved, oldest first."""
        oldest = self._clock() - LIFETIME_MS
        rows = await self._db.read(
            lambda connection: connection.execute(
                "SELECT * FROM pairing_requests WHERE created_at_ms > ?1 AND channel = ifnull(?2, channel)"
                " AND account = ifnull(?3, account) ORDER BY created_at_ms, sender_id",
                (oldest, channel, account),
            ).fetchall()
        )
        return tuple(_request_of(row) for row in rows)

    async def approve(self, channel: str, code: str, account: str | None = None) -> Approved:
        """Let the sender behind `code` in; upper and lower case are the same. Raises `CodeUnknown`, `CodeAmbiguous`."""
        wanted = code.strip().upper()
        found = [row for row in await self.list(channel, account) if secrets.compare_digest(row.code, wanted)]
        if not found:
            raise CodeUnknown(wanted, channel)
        if len(found) > 1:
            raise CodeAmbiguous(wanted)
        return await self._approve(found[0])

    async def approve_sender(self, channel: str, account: str, sender_id: str) -> Approved:
        """Let a waiting sender in by id, for clients that are not shown codes. Raises `NotFoundError`."""
        for row in await self.list(channel, account):
            if row.sender_id == sender_id:
                return await self._approve(row)
        raise NotFoundError(f"no pending pairing request of {channel} sender {sender_id}")

    async def dismiss(self, channel: str, account: str, sender_id: str) -> None:
        """Forget a waiting request; the sender may ask again. Raises `NotFoundError` when it does not wait."""
        waiting = await self.list(channel, account)
        if not any(request.sender_id == sender_id for request in waiting):
            raise NotFoundError("pending DM access request no longer exists")
        statement = "DELETE FROM pairing_requests WHERE channel=? AND account=? AND sender_id=?"
        await self._db.write(lambda connection: connection.execute(statement, (channel, account, sender_id)).rowcount)

    async def approved_ids(self, channel: str, account: str) -> frozenset[str]:
        """The approved senders of one account."""
        rows = await self._db.read(
            lambda connection: connection.execute(
                "SELECT sender_id FROM pairing_approved WHERE channel=? AND account=?", (channel, account)
            ).fetchall()
        )
        return frozenset(row["sender_id"] for row in rows)

    async def _approve(self, request: PairingRequest) -> Approved:
        key = (request.channel, request.account, request.sender_id)
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR IGNORE INTO pairing_approved VALUES (?, ?, ?, ?)", (*key, now))
            connection.execute("DELETE FROM pairing_requests WHERE channel=? AND account=? AND sender_id=?", key)

        await self._db.write(work)
        return Approved(*key)


def _forget_expired(connection: sqlite3.Connection, now: int) -> None:
    connection.execute("DELETE FROM pairing_requests WHERE created_at_ms <= ?", (now - LIFETIME_MS,))


def _pending(connection: sqlite3.Connection, channel: str, account: str) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pairing_requests WHERE channel=? AND account=?", (channel, account)
    ).fetchone()
    return int(row[0])


def _new_code(connection: sqlite3.Connection) -> str:
    """A random code that no pending request has."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if connection.execute("SELECT 1 FROM pairing_requests WHERE code=?", (code,)).fetchone() is None:
            return code


def _meta_json(meta: Mapping[str, str], *, answered: bool) -> str:
    return json.dumps({"sender": dict(meta), "answered": answered}, ensure_ascii=False)


def _request_of(row: sqlite3.Row) -> PairingRequest:
    kept = json.loads(row["meta_json"])
    return PairingRequest(
        channel=row["channel"],
        account=row["account"],
        sender_id=row["sender_id"],
        code=row["code"],
        meta=kept["sender"],
        created_at_ms=row["created_at_ms"],
        last_seen_at_ms=row["last_seen_at_ms"],
        answered=kept["answered"],
    )
