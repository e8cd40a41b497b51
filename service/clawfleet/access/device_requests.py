"""Devices that wait for approval: one request each, for five minutes. Source: protocol §8.

Functions take an open connection and run inside the caller's transaction.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from clawfleet.access.device_records import REQUEST_LIFE_MS, Ask, PairRequest, Traits, merged
from clawfleet.core.ids import new_id

MAX_PENDING = 200
"""Devices that may wait at once; the oldest gives way to a further one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that now waits, and those that it took the place of. `is_new`: nobody was told of it yet."""

    request: PairRequest
    is_new: bool
    superseded: tuple[PairRequest, ...] = ()


def ask_for(connection: sqlite3.Connection, ask: Ask, *, is_repair: bool, now: int) -> Asked:
    """The request of a device: the one that waits for the same, or a new one that asks for both."""
    forget_expired(connection, now)
    before = of_device(connection, ask.device_id)
    if before is not None and _asks_no_more(before, ask):
        _insert(connection, request := _made(before.request_id, ask, before, is_repair=is_repair, now=before.at_ms))
        return Asked(request, is_new=False)
    gone = (before,) if before is not None else _surplus(connection)
    for request in gone:
        take(connection, request.request_id)
    made = _made(new_id(), ask, before, is_repair=is_repair, now=now)
    _insert(connection, made)
    return Asked(made, is_new=True, superseded=gone)


def of_device(connection: sqlite3.Connection, device_id: str) -> PairRequest | None:
    """The request of one device."""
    row = connection.execute("SELECT * FROM device_requests WHERE device_id=?", (device_id,)).fetchone()
    return None if row is None else _request_of(row)


def take(connection: sqlite3.Connection, request_id: str) -> PairRequest | None:
    """The request, which from now on waits no more; None when none of that id does."""
    row = connection.execute("DELETE FROM device_requests WHERE request_id=? RETURNING *", (request_id,)).fetchone()
    return None if row is None else _request_of(row)


def no_longer_known(connection: sqlite3.Connection, device_id: str) -> None:
    """What the device waits for is from now on the wish of a stranger."""
    connection.execute("UPDATE device_requests SET is_repair=0 WHERE device_id=?", (device_id,))


def find(connection: sqlite3.Connection, request_id: str) -> PairRequest | None:
    """The request of that id."""
    row = connection.execute("SELECT * FROM device_requests WHERE request_id=?", (request_id,)).fetchone()
    return None if row is None else _request_of(row)


def waiting(connection: sqlite3.Connection, now: int) -> tuple[PairRequest, ...]:
    """Everybody who can still be approved, newest first."""
    rows = connection.execute(
        "SELECT * FROM device_requests WHERE at_ms > ? ORDER BY at_ms DESC, request_id", (now - REQUEST_LIFE_MS,)
    )
    return tuple(_request_of(row) for row in rows)


def forget_expired(connection: sqlite3.Connection, now: int) -> None:
    """Let go of requests that waited too long."""
    connection.execute("DELETE FROM device_requests WHERE at_ms <= ?", (now - REQUEST_LIFE_MS,))


def traits_of(row: sqlite3.Row) -> Traits:
    """The traits in a row of either table of devices."""
    return Traits(
        public_key=row["public_key"],
        platform=row["platform"],
        device_family=row["device_family"],
        client_id=row["client_id"],
        client_mode=row["client_mode"],
        display_name=row["display_name"],
        remote_ip=row["remote_ip"],
    )


def _asks_no_more(before: PairRequest, ask: Ask) -> bool:
    is_covered = ask.role in before.roles and set(ask.scopes) <= set(before.scopes)
    return is_covered and before.traits.public_key == ask.traits.public_key


def _made(request_id: str, ask: Ask, before: PairRequest | None, *, is_repair: bool, now: int) -> PairRequest:
    roles, scopes = (before.roles, before.scopes) if before else ((), ())
    return PairRequest(
        request_id=request_id,
        device_id=ask.device_id,
        role=ask.role,
        roles=merged(roles, (ask.role,)),
        scopes=merged(scopes, ask.scopes),
        traits=ask.traits,
        is_repair=is_repair,
        at_ms=now,
    )


def _surplus(connection: sqlite3.Connection) -> tuple[PairRequest, ...]:
    rows = connection.execute(
        "SELECT * FROM device_requests ORDER BY at_ms DESC, request_id LIMIT -1 OFFSET ?", (MAX_PENDING - 1,)
    ).fetchall()
    return tuple(_request_of(row) for row in rows)


def _insert(connection: sqlite3.Connection, request: PairRequest) -> None:
    shown = request.traits
    connection.execute(
        "INSERT OR REPLACE INTO device_requests (request_id, device_id, role, roles, scopes, is_repair, at_ms,"
        " public_key, platform, device_family, client_id, client_mode, display_name, remote_ip)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(request.request_id, request.device_id, request.role, json.dumps(request.roles)),
            *(json.dumps(request.scopes), int(request.is_repair), request.at_ms, shown.public_key, shown.platform),
            *(shown.device_family, shown.client_id, shown.client_mode, shown.display_name, shown.remote_ip),
        ),
    )


def _request_of(row: sqlite3.Row) -> PairRequest:
    return PairRequest(
        request_id=row["request_id"],
        device_id=row["device_id"],
        role=row["role"],
        roles=tuple(json.loads(row["roles"])),
        scopes=tuple(json.loads(row["scopes"])),
        traits=traits_of(row),
        is_repair=bool(row["is_repair"]),
        at_ms=row["at_ms"],
    )
