"""What a person set in a client and wants to find again in the next one. Source: protocol §14."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from clawfleet.core.errors import RequestError
from clawfleet.store.sqlite import Database

MOST = 512
"""Preferences of one person."""


class TooManyPreferences(RequestError):
    """A person has as many preferences as are kept."""

    code = "USER_PREFS_LIMIT_EXCEEDED"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"users.prefs.set exceeds the {MOST}-key profile limit (current count: {count})",
            limit=MOST,
            currentCount=count,
        )


class Preferences:
    """Named JSON values of each owner."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self, owner: str, names: Sequence[str] | None = None) -> dict[str, Any]:
        """The values of `owner`, all or those of `names`; what was never set is left out."""

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            values = _all(connection, owner)
            return values if names is None else {name: values[name] for name in names if name in values}

        return await self._db.read(work)

    async def write(self, owner: str, values: Mapping[str, Any], expected: Mapping[str, Any] | None = None) -> bool:
        """Set `values`, None removes one; False and nothing done when something is not as `expected`.

        Raises `TooManyPreferences`.
        """

        def work(connection: sqlite3.Connection) -> bool:
            before = _all(connection, owner)
            if any(before.get(name) != value for name, value in (expected or {}).items()):
                return False
            after = {name: value for name, value in {**before, **values}.items() if value is not None}
            if len(after) > MOST:
                raise TooManyPreferences(len(before))
            connection.execute("DELETE FROM preferences WHERE owner=?", (owner,))
            rows = [(owner, name, json.dumps(value)) for name, value in after.items()]
            connection.executemany("INSERT INTO preferences (owner, name, value) VALUES (?,?,?)", rows)
            return True

        return await self._db.write(work)


def _all(connection: sqlite3.Connection, owner: str) -> dict[str, Any]:
    rows = connection.execute("SELECT name, value FROM preferences WHERE owner=? ORDER BY name", (owner,))
    return {row["name"]: json.loads(row["value"]) for row in rows}
