"""Progress cards: the one card of a session that says how far its work is. Each writing replaces the whole of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Literal

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import RequestError
from clawfleet.core.events import Bus
from clawfleet.store.sqlite import Database

StepStatus = Literal["pending", "in_progress", "completed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan."""

    step: str
    status: StepStatus


@dataclass(frozen=True, slots=True)
class Card:
    """A card. `revision` counts its writings."""

    key: str
    revision: int
    updated_at_ms: int
    markdown: str = ""
    steps: tuple[Step, ...] = ()


class CardChanged(RequestError):
    """Somebody else wrote the card meanwhile."""

    code = "PROGRESS_CARD_CHANGED"


class Cards:
    """The cards of all sessions. `changes` tells the key and revision of each that was written, None for one that
    was taken away."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.changes: Bus[tuple[str, int | None]] = Bus()

    async def get(self, key: str) -> Card | None:
        """The card of a session."""
        return await self._db.read(lambda connection: _card(connection, key))

    async def put(
        self, key: str, markdown: str, steps: tuple[Step, ...], *, expected: int | None = None
    ) -> Card | None:
        """The card after it was written; nothing on it takes it away. Raises `CardChanged`: not `expected`."""

        def work(connection: sqlite3.Connection) -> Card | None:
            known = _card(connection, key)
            if expected is not None and expected != (known.revision if known else None):
                raise CardChanged("progress card changed meanwhile", hint="read it again")
            if not markdown.strip() and not steps:
                connection.execute("DELETE FROM progress_cards WHERE key=?", (key,))
                return None
            rows = json.dumps([[step.step, step.status] for step in steps], ensure_ascii=False)
            connection.execute(
                "INSERT INTO progress_cards (key, revision, updated_at_ms, markdown, steps) VALUES (?,?,?,?,?) "
                "ON CONFLICT (key) DO UPDATE SET revision=excluded.revision, updated_at_ms=excluded.updated_at_ms, "
                "markdown=excluded.markdown, steps=excluded.steps",
                (key, (known.revision if known else 0) + 1, now_ms(), markdown, rows),
            )
            return _card(connection, key)

        card = await self._db.write(work)
        self.changes.tell((key, card.revision if card else None))
        return card


def _card(connection: sqlite3.Connection, key: str) -> Card | None:
    row = connection.execute("SELECT * FROM progress_cards WHERE key=?", (key,)).fetchone()
    if row is None:
        return None
    steps = tuple(Step(step, status) for step, status in json.loads(row["steps"]))
    return Card(row["key"], row["revision"], row["updated_at_ms"], row["markdown"], steps)
