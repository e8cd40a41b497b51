"""The devices of one instance: who waits, who is approved, and the token each gets. Source: protocol §8.

Everything is in the database, so that a decision made by another process counts for the next device at the door.
Who wants to hear of changes sets `heard`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clawfleet.access import device_requests as requests
from clawfleet.access import device_tokens as tokens
from clawfleet.access.device_records import (
    ApprovedVia,
    Ask,
    PairedDevice,
    PairRequest,
    Traits,
    covers,
    merged,
    normalised,
)
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import NotFoundError, RequestError
from clawfleet.core.ids import new_id
from clawfleet.protocol.scopes import ADMIN
from clawfleet.store.sqlite import Database

SILENT_GRACE_MS = 60_000
"""How old a silent record must be before a newer one of the same client takes its place."""


class UnknownRequest(NotFoundError):
    """No request of that id waits: mistyped, expired, resolved, or replaced by a newer one."""

    code = "UNKNOWN_REQUEST"

    def __init__(self) -> None:
        super().__init__("unknown requestId", hint="openclaw devices list")


class UnknownDevice(NotFoundError):
    """No approved device has that id."""

    code = "UNKNOWN_DEVICE"

    def __init__(self) -> None:
        super().__init__("unknown deviceId", hint="openclaw devices list")


class ApprovalDenied(RequestError):
    """Who approves may not give what the device asks for."""

    code = "PAIRING_APPROVAL_DENIED"

    def __init__(self) -> None:
        super().__init__(
            "device pairing approval denied", hint="approve it on the gateway's host: openclaw devices approve <id>"
        )


class TokenDenied(RequestError):
    """There is no such token to rotate or revoke, or it would carry more than was approved."""

    code = "DEVICE_TOKEN_DENIED"

    def __init__(self, what: Literal["rotation", "revocation"]) -> None:
        super().__init__(f"device token {what} denied", hint="openclaw devices list")


@dataclass(frozen=True, slots=True)
class DeviceNews:
    """What changed: a request that waits, one that is settled, or the list of devices when both are None."""

    requested: PairRequest | None = None
    resolved: PairRequest | None = None
    decision: Literal["approved", "rejected"] = "rejected"
    at_ms: int = 0


class Devices:
    """The device tables. `clock` gives milliseconds and is replaced in tests."""

    def __init__(self, db: Database, store_dir: Path, clock: Callable[[], int] = now_ms) -> None:
        self._db = db
        self._key = tokens.TokenKey(store_dir)
        self._clock = clock
        self.heard: Callable[[DeviceNews], None] = lambda news: None

    async def find(self, device_id: str) -> PairedDevice | None:
        """The approved device of that id."""
        return await self._db.read(lambda connection: _device(connection, device_id))

    async def paired(self) -> tuple[PairedDevice, ...]:
        """The approved devices, the one approved last first."""

        def work(connection: sqlite3.Connection) -> tuple[PairedDevice, ...]:
            rows = connection.execute("SELECT * FROM devices ORDER BY approved_at_ms DESC, device_id").fetchall()
            return tuple(_device_of(connection, row) for row in rows)

        return await self._db.read(work)

    async def pending(self) -> tuple[PairRequest, ...]:
        """The requests that can still be approved, newest first."""
        now = self._clock()
        return await self._db.read(lambda connection: requests.waiting(connection, now))

    async def request(self, ask: Ask, *, is_repair: bool) -> PairRequest:
        """The device's request for approval, made now or found waiting."""
        now = self._clock()
        asked = await self._db.write(lambda connection: requests.ask_for(connection, ask, is_repair=is_repair, now=now))
        for gone in asked.superseded:
            self._tell(DeviceNews(resolved=gone, decision="rejected", at_ms=now))
        if asked.is_new:
            self._tell(DeviceNews(requested=asked.request, at_ms=now))
        return asked.request

    async def request_of(self, request_id: str) -> PairRequest:
        """The waiting request of that id. Raises `UnknownRequest`."""
        for request in await self.pending():
            if request.request_id == request_id:
                return request
        raise UnknownRequest

    async def approve(self, request_id: str, *, within: Sequence[str] = (ADMIN,)) -> PairedDevice:
        """Let the device in that waits under `request_id`.

        `within` are the scopes of whoever approves; only an administrator lets in what is no operator.
        Raises `UnknownRequest`, `ApprovalDenied`.
        """
        now = self._clock()

        def work(connection: sqlite3.Connection) -> tuple[PairRequest, PairedDevice]:
            requests.forget_expired(connection, now)
            request = requests.find(connection, request_id)
            if request is None:
                raise UnknownRequest
            if ADMIN not in within and (set(request.roles) != {"operator"} or not covers(within, request.scopes)):
                raise ApprovalDenied
            requests.take(connection, request_id)
            return request, self._admit(connection, request, "owner", now)

        request, device = await self._db.write(work)
        self._tell(DeviceNews(resolved=request, decision="approved", at_ms=now), DeviceNews())
        return device

    async def approve_at_once(self, ask: Ask, via: ApprovedVia, connected: frozenset[str]) -> PairedDevice:
        """Let a device in that nobody need be asked about; what it waits for besides is settled with it.

        Older silent records of the same client give way, except for devices that are `connected`.
        """
        now = self._clock()

        def work(connection: sqlite3.Connection) -> tuple[PairRequest, PairedDevice]:
            waited = requests.of_device(connection, ask.device_id)
            if waited is not None:
                requests.take(connection, waited.request_id)
            request = waited or PairRequest(
                new_id(), ask.device_id, ask.role, (ask.role,), ask.scopes, ask.traits, is_repair=False, at_ms=now
            )
            request = _asking_for(request, ask)
            device = self._admit(connection, request, via, now)
            if via == "silent":
                _prune(connection, ask, now - SILENT_GRACE_MS, connected)
            return request, device

        request, device = await self._db.write(work)
        self._tell(DeviceNews(resolved=request, decision="approved", at_ms=now), DeviceNews())
        return device

    async def reject(self, request_id: str) -> PairRequest:
        """Turn a waiting device away. Raises `UnknownRequest`."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> PairRequest:
            requests.forget_expired(connection, now)
            request = requests.take(connection, request_id)
            if request is None:
                raise UnknownRequest
            return request

        request = await self._db.write(work)
        self._tell(DeviceNews(resolved=request, decision="rejected", at_ms=now))
        return request

    async def remove(self, device_id: str) -> None:
        """Forget an approved device and its tokens. Raises `UnknownDevice`."""

        def work(connection: sqlite3.Connection) -> int:
            requests.no_longer_known(connection, device_id)
            return connection.execute("DELETE FROM devices WHERE device_id=?", (device_id,)).rowcount

        if not await self._db.write(work):
            raise UnknownDevice
        self._tell(DeviceNews())

    async def rename(self, device_id: str, label: str) -> None:
        """Give a device a name that its owner will recognise. Raises `UnknownDevice`."""
        done = await self._db.write(
            lambda connection: (
                connection.execute("UPDATE devices SET label=? WHERE device_id=?", (label, device_id)).rowcount
            )
        )
        if not done:
            raise UnknownDevice
        self._tell(DeviceNews())

    async def enter(self, ask: Ask, method: str) -> tokens.Issued | None:
        """The token of an approved device that comes in now; None when it was removed meanwhile."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> tokens.Issued | None:
            seen = connection.execute(
                "UPDATE devices SET last_seen_at_ms=?, remote_ip=ifnull(?, remote_ip),"
                " display_name=ifnull(?, display_name) WHERE device_id=? RETURNING scopes",
                (now, ask.traits.remote_ip, ask.traits.display_name, ask.device_id),
            ).fetchone()
            if seen is None:
                return None
            table = self._tokens(connection, now)
            grant = normalised(json.loads(seen["scopes"])) if ask.role == "operator" else ()
            issued = table.ensure(ask.device_id, ask.role, need=ask.scopes, grant=grant)
            if method == "device-token":
                table.mark_used(ask.device_id, ask.role)
            return issued

        return await self._db.write(work)

    async def check_token(self, ask: Ask, value: str) -> tokens.Verdict:
        """Whether `value` is the token of the asking device for its role and scopes."""
        return await self._db.read(
            lambda connection: self._tokens(connection).check(ask.device_id, ask.role, value, ask.scopes)
        )

    async def bearer(self, value: str) -> tokens.Bearer | None:
        """Whose token it is by its value alone."""
        return await self._db.read(lambda connection: self._tokens(connection).bearer(value))

    async def rotate(
        self, device_id: str, role: str, *, scopes: Sequence[str] | None, within: Sequence[str]
    ) -> tokens.Issued:
        """A new token for `role`, with the scopes of the old one or, within what was approved, with `scopes`.

        It never carries more than whoever asks holds (`within`). Raises `TokenDenied`.
        """
        now = self._clock()

        def work(connection: sqlite3.Connection) -> tokens.Issued:
            wanted = _rotatable(_device(connection, device_id), role, scopes, within)
            if wanted is None:
                raise TokenDenied("rotation")
            return self._tokens(connection, now).issue(device_id, role, wanted)

        issued = await self._db.write(work)
        self._tell(DeviceNews())
        return issued

    async def revoke(self, device_id: str, role: str, *, within: Sequence[str]) -> int:
        """When the token of `role` stopped working: now. Raises `TokenDenied`."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            if _rotatable(_device(connection, device_id), role, None, within) is None:
                raise TokenDenied("revocation")
            self._tokens(connection, now).revoke(device_id, role)

        await self._db.write(work)
        self._tell(DeviceNews())
        return now

    def _tokens(self, connection: sqlite3.Connection, now: int = 0) -> tokens.TokenTable:
        return tokens.TokenTable(connection, self._key, now)

    def _tell(self, *news: DeviceNews) -> None:
        for item in news:
            self.heard(item)

    def _admit(self, connection: sqlite3.Connection, request: PairRequest, via: ApprovedVia, now: int) -> PairedDevice:
        known = _device(connection, request.device_id)
        roles = merged(known.roles if known else (), request.roles)
        scopes = merged(known.scopes if known else (), request.scopes)
        _write(connection, request, (roles, scopes), via, now)
        table = self._tokens(connection, now)
        for role in request.roles:
            held = known.token(role) if known else None
            wanted = normalised(scopes) if role == "operator" else ()
            if held is None or held.revoked_at_ms is not None or not covers(held.scopes, wanted):
                table.issue(request.device_id, role, wanted)
        device = _device(connection, request.device_id)
        assert device is not None
        return device


def _asking_for(request: PairRequest, ask: Ask) -> PairRequest:
    """The same request, for exactly what the device asks now; what waited for more was never approved."""
    return PairRequest(
        request.request_id, ask.device_id, ask.role, (ask.role,), ask.scopes, ask.traits,
        is_repair=request.is_repair, at_ms=request.at_ms,
    )  # fmt: skip


def _rotatable(
    device: PairedDevice | None, role: str, scopes: Sequence[str] | None, within: Sequence[str]
) -> tuple[str, ...] | None:
    """The scopes of a token for `role` that may be replaced; None when it may not."""
    token = device.token(role) if device is not None and role in device.roles else None
    if device is None or token is None:
        return None
    wanted = token.scopes if scopes is None else normalised(scopes)
    is_own = role == "operator" or ADMIN in within
    return wanted if is_own and covers(device.scopes, wanted) and covers(within, wanted) else None


def _write(
    connection: sqlite3.Connection,
    request: PairRequest,
    grant: tuple[tuple[str, ...], tuple[str, ...]],
    via: ApprovedVia,
    now: int,
) -> None:
    shown, (roles, scopes) = request.traits, grant
    connection.execute(
        "INSERT INTO devices (device_id, roles, scopes, approved_via, created_at_ms, approved_at_ms,"
        " public_key, platform, device_family, client_id, client_mode, display_name, remote_ip)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (device_id) DO UPDATE SET roles=excluded.roles, scopes=excluded.scopes,"
        " approved_via=excluded.approved_via, approved_at_ms=excluded.approved_at_ms, platform=excluded.platform,"
        " device_family=excluded.device_family, client_id=excluded.client_id, client_mode=excluded.client_mode,"
        " display_name=ifnull(excluded.display_name, display_name), remote_ip=ifnull(excluded.remote_ip, remote_ip)",
        (
            *(request.device_id, json.dumps(roles), json.dumps(scopes), via, now, now),
            *(shown.public_key, shown.platform, shown.device_family, shown.client_id, shown.client_mode),
            *(shown.display_name, shown.remote_ip),
        ),
    )


def _prune(connection: sqlite3.Connection, ask: Ask, before: int, connected: frozenset[str]) -> None:
    """Remove what the same client left behind when it lost its key: nobody ever approved those knowingly."""
    rows = connection.execute(
        "SELECT device_id FROM devices WHERE approved_via='silent' AND device_id != ? AND client_id=?"
        " AND client_mode=? AND display_name IS ? AND approved_at_ms < ?",
        (ask.device_id, ask.traits.client_id, ask.traits.client_mode, ask.traits.display_name, before),
    ).fetchall()
    gone = [(row["device_id"],) for row in rows if row["device_id"] not in connected]
    connection.executemany("DELETE FROM devices WHERE device_id=?", gone)


def _device(connection: sqlite3.Connection, device_id: str) -> PairedDevice | None:
    row = connection.execute("SELECT * FROM devices WHERE device_id=?", (device_id,)).fetchone()
    return None if row is None else _device_of(connection, row)


def _device_of(connection: sqlite3.Connection, row: sqlite3.Row) -> PairedDevice:
    traits: Traits = requests.traits_of(row)
    return PairedDevice(
        device_id=row["device_id"],
        roles=tuple(json.loads(row["roles"])),
        scopes=tuple(json.loads(row["scopes"])),
        traits=traits,
        label=row["label"],
        approved_via=row["approved_via"],
        created_at_ms=row["created_at_ms"],
        approved_at_ms=row["approved_at_ms"],
        last_seen_at_ms=row["last_seen_at_ms"],
        tokens=tokens.infos(connection, row["device_id"]),
    )
