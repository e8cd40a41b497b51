"""Which sessions a list shows, in which order: a wish becomes one SQL query."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from clawfleet.sessions.model import Session
from clawfleet.sessions.rows import session_of

SortBy = Literal["updatedAt", "lastInteractionAt", "activity"]
_ORDER = {
    "updatedAt": "updated_at_ms DESC",
    "lastInteractionAt": "asked_at_ms DESC",
    "activity": "max(updated_at_ms, coalesce(asked_at_ms, 0)) DESC",
}
_SEARCHED = (
    "key || ' ' || session_id || ' ' || ifnull(label, '') || ' ' || ifnull(title, '') || ' ' || ifnull(preview, '')"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions: every given field narrows the list. `archived` None means both kinds.

    `search` is looked for in names, titles, keys and what was last said; `since_ms` is the oldest change.
    """

    agent_ids: tuple[str, ...] | None = None
    archived: bool | None = None
    label: str | None = None
    search: str | None = None
    parent_key: str | None = None
    since_ms: int | None = None
    asked: bool = False
    without_subagents: bool = False
    sort_by: SortBy = "updatedAt"


def listed(connection: sqlite3.Connection, wanted: Wanted, limit: int, offset: int) -> tuple[tuple[Session, ...], int]:
    """The sessions of `wanted`, and how many there are without the limit."""
    where, values = _where(wanted)
    total = connection.execute(f"SELECT count(*) FROM sessions WHERE {where}", values).fetchone()[0]  # noqa: S608
    rows = connection.execute(
        f"SELECT * FROM sessions WHERE {where} "  # noqa: S608
        f"ORDER BY {_ORDER[wanted.sort_by]} LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return tuple(session_of(row) for row in rows), total


def _where(wanted: Wanted) -> tuple[str, list[object]]:
    clauses, values = ["ephemeral=0", "closed_at_ms IS NULL"], list[object]()
    for clause, value in (
        ("label=?", wanted.label),
        ("parent_key=?", wanted.parent_key),
        ("updated_at_ms>=?", wanted.since_ms),
    ):
        if value is not None:
            clauses.append(clause)
            values.append(value)
    if wanted.agent_ids is not None:
        clauses.append(f"agent_id IN ({','.join('?' * len(wanted.agent_ids))})")
        values.extend(wanted.agent_ids)
    if wanted.archived is not None:
        clauses.append("archived_at_ms IS NOT NULL" if wanted.archived else "archived_at_ms IS NULL")
    if wanted.asked:
        clauses.append("asked_at_ms IS NOT NULL")
    if wanted.without_subagents:
        clauses.append("instr(key, ':subagent:') = 0")
    if wanted.search:
        clauses.append(f"instr(lower({_SEARCHED}), lower(?)) > 0")
        values.append(wanted.search.strip())
    return " AND ".join(clauses), values


def children(connection: sqlite3.Connection, keys: tuple[str, ...]) -> dict[str, list[str]]:
    """The keys of the sessions that were made from each of `keys`."""
    found: dict[str, list[str]] = {}
    marks = ",".join("?" * len(keys))
    rows = connection.execute(
        f"SELECT parent_key, key FROM sessions WHERE parent_key IN ({marks}) AND closed_at_ms IS NULL",  # noqa: S608
        keys,
    )
    for row in rows:
        found.setdefault(row["parent_key"], []).append(row["key"])
    return found
