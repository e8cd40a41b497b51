"""Devices: who waits to be let in, and tokens of this command line that its own gateway does not take any more.

Reads the database, and never writes to it; a gateway may have it open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clawfleet.access.device_tokens import digest_of
from clawfleet.access.pairing import LIFETIME_MS
from clawfleet.cli.checks.finding import Change, Finding, Mended
from clawfleet.cli.checks.scene import Scene
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.store.peek import peek

DATABASE = "gateway.sqlite"


@dataclass(frozen=True, slots=True)
class ForgetToken:
    """Forgets a device token that opens nothing any more; the next connection gets another one."""

    folder: Path
    place: str
    role: str

    question = ""

    def apply(self) -> Mended:
        """Nothing when it is gone already."""
        from clawfleet.cli.device import TOKENS_FILE, forget_token, issued_token

        if issued_token(self.folder, self.place, self.role) is None:
            return Mended()
        forget_token(self.folder, self.place, self.role)
        return Mended((Change(f"{TOKENS_FILE} {self.place} {self.role}", "***", "(removed)"),))


def waiting(scene: Scene) -> Iterator[Finding]:
    """Devices and people that ask to be let in."""
    database = scene.instance.store_dir / DATABASE
    if count := _count(database, "SELECT count(*) FROM device_requests"):
        yield Finding(
            "devices.waiting",
            "info",
            f"{count} device(s) asked to be let in.",
            "devices",
            fix="openclaw devices list",
        )
    if count := _count(
        database, "SELECT count(*) FROM pairing_requests WHERE created_at_ms > ?", now_ms() - LIFETIME_MS
    ):
        yield Finding(
            "pairing.waiting",
            "info",
            f"{count} person(s) wrote to a channel and wait for approval.",
            "channels",
            fix="openclaw pairing list",
        )


def own_tokens(scene: Scene) -> Iterator[Finding]:
    """Device tokens that this command line keeps for this instance's gateway, and that it would refuse."""
    folder, store = scene.place.identity_dir, scene.instance.store_dir
    if not folder.is_dir():
        return
    from clawfleet.cli.device import issued_places, issued_token

    try:
        places = issued_places(folder)
        instance_id = (store / "instance-id").read_text(encoding="utf-8").strip()
    except GatewayError as error:
        yield Finding("devices.identity_unusable", "error", error.message, scene.shown(folder), fix=error.hint or "")
        return
    except OSError:
        return
    for place, role in places:
        token = issued_token(folder, place, role)
        if not place.endswith(f" {instance_id}") or token is None:
            continue
        known = "SELECT count(*) FROM device_tokens WHERE digest = ? AND revoked_at_ms IS NULL"
        if (store / DATABASE).exists() and _count(store / DATABASE, known, digest_of(token)) == 0:
            yield Finding(
                "devices.token_mismatch",
                "warning",
                "This command line keeps a device token that the gateway does not know any more.",
                scene.shown(folder),
                evidence=f"{place}, role {role}",
                fix="openclaw doctor --fix",
                mend=ForgetToken(folder, place, role),
            )


def _count(database: Path, query: str, *values: object) -> int | None:
    """The number that a query gives; None where there is no such database or table."""
    if not database.exists():
        return None
    try:
        with peek(database) as connection:
            return int(connection.execute(query, values).fetchone()[0])
    except sqlite3.Error:
        return None
