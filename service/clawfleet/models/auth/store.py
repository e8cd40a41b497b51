"""Auth profiles on disk: credentials, chosen orders and what became of each, in tables of `gateway.sqlite`.

The file and its directory are their owner's only (0600 in 0700). Every change of a profile or an order renews the stamp
file, by which a running gateway sees what a command wrote.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import NotFoundError
from clawfleet.models.auth.health import Health, from_json, to_json
from clawfleet.models.auth.profiles import AuthProfile, BadProfile, read_profile, written
from clawfleet.store.files import write_private
from clawfleet.store.sqlite import Database

T = TypeVar("T")

STAMP = "auth-profiles.stamp"

HealthKey = tuple[str, str]
"""(owner, credential id); the owner of a key that is no profile is empty."""


class NoSuchProfile(NotFoundError):
    """No auth profile has that id."""

    code = "NO_SUCH_AUTH_PROFILE"

    def __init__(self, name: str, owner: str) -> None:
        super().__init__(
            f'Auth profile "{name}" not found for agent {owner}', hint="openclaw models auth list shows those there are"
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that is kept. `orders` is by (owner, provider)."""

    profiles: tuple[AuthProfile, ...] = ()
    orders: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    health: Mapping[HealthKey, Health] = field(default_factory=dict)


class AuthStore:
    """The auth profiles of all agents of one instance."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stamp = db.path.with_name(STAMP)

    @property
    def lock_dir(self) -> Path:
        """Where those who renew a login keep each other out."""
        return self._db.path.parent / "locks"

    def stamp(self) -> int:
        """A number that is another one after every change of a profile or an order, whoever made it."""
        try:
            return self._stamp.stat().st_mtime_ns
        except OSError:
            return 0

    async def load(self) -> Stored:
        """All there is. A row that cannot be read is left out."""
        return await self._db.read(_load)

    async def put(self, profile: AuthProfile, *, replacing: bool = True) -> bool:
        """Keep a profile in its owner's store; False when it was there and is not to be replaced."""

        def work(connection: sqlite3.Connection) -> bool:
            verb = "REPLACE" if replacing else "IGNORE"
            done = connection.execute(
                f"INSERT OR {verb} INTO auth_profiles (owner, profile_id, credential, updated_at_ms) VALUES (?,?,?,?)",  # noqa: S608  # one of two words
                (profile.owner, profile.id, json.dumps(written(profile)), now_ms()),
            )
            if done.rowcount and replacing:
                connection.execute(
                    "DELETE FROM auth_health WHERE owner=? AND credential_id=?", (profile.owner, profile.id)
                )
            return bool(done.rowcount)

        return await self._changed(await self._db.write(work))

    async def remove(self, owner: str, names: Sequence[str]) -> tuple[str, ...]:
        """Forget profiles and what became of them; the ids of those that were there."""

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            gone = []
            for name in names:
                row = (owner, name)
                if connection.execute("DELETE FROM auth_profiles WHERE owner=? AND profile_id=?", row).rowcount:
                    gone.append(name)
                connection.execute("DELETE FROM auth_health WHERE owner=? AND credential_id=?", row)
            return tuple(gone)

        return await self._changed(await self._db.write(work))

    async def set_order(self, owner: str, provider: str, names: Sequence[str] | None) -> None:
        """Keep the order of a provider's profiles; None leaves it to the gateway again."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM auth_orders WHERE owner=? AND provider=?", (owner, provider))
            if names is not None:
                connection.execute(
                    "INSERT INTO auth_orders (owner, provider, profile_ids) VALUES (?,?,?)",
                    (owner, provider, json.dumps(list(names))),
                )

        await self._db.write(work)
        await self._changed(None)

    async def keep_health(self, key: HealthKey, health: Health) -> None:
        """Keep what became of a credential."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO auth_health (owner, credential_id, health) VALUES (?,?,?)",
                (*key, json.dumps(to_json(health))),
            )

        await self._db.write(work)

    async def copy(self, source: str, target: str, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Put profiles of agent `source` into the store of `target`, all or `names`; the ids of those that are new.

        A profile that `target` has is left as it is. Raises `NoSuchProfile`.
        """
        there = {profile.id: profile for profile in (await self.load()).profiles if profile.owner == source}
        for name in names or ():
            if name not in there:
                raise NoSuchProfile(name, source)
        copied = []
        for name in names if names is not None else there:
            if await self.put(replace(there[name], owner=target), replacing=False):
                copied.append(name)
        return tuple(copied)

    async def _changed(self, result: T) -> T:
        await asyncio.to_thread(write_private, self._stamp, f"{now_ms()}\n")
        return result


def _load(connection: sqlite3.Connection) -> Stored:
    profiles = []
    for row in connection.execute("SELECT owner, profile_id, credential FROM auth_profiles ORDER BY owner, profile_id"):
        try:
            profiles.append(read_profile(row["profile_id"], json.loads(row["credential"]), row["owner"]))
        except BadProfile:
            continue
    orders = {
        (row["owner"], row["provider"]): tuple(json.loads(row["profile_ids"]))
        for row in connection.execute("SELECT owner, provider, profile_ids FROM auth_orders")
    }
    health = {
        (row["owner"], row["credential_id"]): from_json(json.loads(row["health"]))
        for row in connection.execute("SELECT owner, credential_id, health FROM auth_health")
    }
    return Stored(tuple(profiles), orders, health)
