"""Tokens of devices: one per device and role, the same value as long as it is valid, only its hash at rest.

A value is derived from a key that is kept owner-only beside the database, from the device, the role and a salt that
every issue draws anew. So `hello-ok` can say it again, and who reads the database alone cannot use it.
Functions take an open connection and run inside the caller's transaction. Source: protocol §8.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from clawfleet.access.device_records import TokenInfo, covers
from clawfleet.store.files import write_private

KEY_FILE = "device-token-key"  # a file's name

Verdict = Literal["ok", "mismatch", "scopes"]


@dataclass(frozen=True, slots=True)
class Issued:
    """A token to hand out. `issued_at_ms` is when its value was made."""

    value: str = field(repr=False)
    scopes: tuple[str, ...]
    issued_at_ms: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token stands for when it is shown without a device."""

    device_id: str
    role: str
    scopes: tuple[str, ...]


class TokenKey:
    """The key of an instance from which token values are derived; made at its first use."""

    def __init__(self, store_dir: Path) -> None:
        self._file = store_dir / KEY_FILE
        self._key: bytes | None = None

    def derive(self, device_id: str, role: str, salt: str) -> str:
        """The token's value, 43 characters. Blocks on the disk the first time."""
        if self._key is None:
            if not self._file.exists():
                write_private(self._file, secrets.token_bytes(32))
            self._key = self._file.read_bytes()
        text = "|".join((device_id, role, salt)).encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, "sha256")).decode().rstrip("=")


def digest_of(value: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokens, inside one transaction at the time `now`."""

    connection: sqlite3.Connection
    key: TokenKey
    now: int

    def ensure(self, device_id: str, role: str, *, need: Sequence[str], grant: Sequence[str]) -> Issued:
        """The token of a device for `role`: the valid one if it carries what is needed, else a new one with `grant`."""
        row = self._row(device_id, role)
        if row is not None and row["revoked_at_ms"] is None:
            held = tuple(json.loads(row["scopes"]))
            value = self.key.derive(device_id, role, row["salt"])
            # The key file may have been lost or replaced; then the old values are void and new ones are made.
            if covers(held, need) and hmac.compare_digest(digest_of(value), row["digest"]):
                return Issued(value, held, row["rotated_at_ms"] or row["created_at_ms"])
        return self.issue(device_id, role, grant)

    def issue(self, device_id: str, role: str, scopes: Sequence[str]) -> Issued:
        """A new token with exactly `scopes`; the one before stops working."""
        salt = secrets.token_hex(16)
        value = self.key.derive(device_id, role, salt)
        self.connection.execute(
            "INSERT INTO device_tokens (device_id, role, scopes, salt, digest, created_at_ms)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (device_id, role) DO UPDATE SET scopes=excluded.scopes, salt=excluded.salt,"
            " digest=excluded.digest, rotated_at_ms=excluded.created_at_ms, revoked_at_ms=NULL",
            (device_id, role, json.dumps(list(scopes)), salt, digest_of(value), self.now),
        )
        return Issued(value, tuple(scopes), self.now)

    def revoke(self, device_id: str, role: str) -> None:
        """Make the token useless."""
        self.connection.execute(
            "UPDATE device_tokens SET revoked_at_ms=? WHERE device_id=? AND role=?", (self.now, device_id, role)
        )

    def check(self, device_id: str, role: str, value: str, scopes: Sequence[str]) -> Verdict:
        """Whether `value` is the device's token for `role`, and whether it carries `scopes`."""
        row = self._row(device_id, role)
        if row is None or row["revoked_at_ms"] is not None:
            return "mismatch"
        if not hmac.compare_digest(row["digest"], digest_of(value)):
            return "mismatch"
        return "ok" if covers(json.loads(row["scopes"]), scopes) else "scopes"

    def mark_used(self, device_id: str, role: str) -> None:
        """Note that the token let its device in."""
        self.connection.execute(
            "UPDATE device_tokens SET last_used_at_ms=? WHERE device_id=? AND role=?", (self.now, device_id, role)
        )

    def bearer(self, value: str) -> Bearer | None:
        """Whose token it is by its value alone, None when it is nobody's."""
        row = self.connection.execute(
            "SELECT device_id, role, scopes FROM device_tokens WHERE digest=? AND revoked_at_ms IS NULL",
            (digest_of(value),),
        ).fetchone()
        return None if row is None else Bearer(row["device_id"], row["role"], tuple(json.loads(row["scopes"])))

    def _row(self, device_id: str, role: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.connection.execute(
            "SELECT * FROM device_tokens WHERE device_id=? AND role=?", (device_id, role)
        ).fetchone()
        return row


def infos(connection: sqlite3.Connection, device_id: str) -> tuple[TokenInfo, ...]:
    """The tokens of a device, without their values."""
    rows = connection.execute(
        "SELECT role, scopes, created_at_ms, rotated_at_ms, revoked_at_ms, last_used_at_ms FROM device_tokens"
        " WHERE device_id=? ORDER BY role",
        (device_id,),
    )
    return tuple(TokenInfo(row["role"], tuple(json.loads(row["scopes"])), *tuple(row)[2:]) for row in rows)
