"""Bindings of whole accounts put into and taken out of the rows that a config has. Pure.

Rows that name a peer, a server or a team are the operator's own and stay as they are. Source: channels §2.9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clawfleet.core.errors import RequestError

ANY = "*"
DEFAULT_ACCOUNT = "default"
_NARROWER = frozenset({"peer", "guildId", "teamId", "roles"})

Row = Mapping[str, Any]


class BadBinding(RequestError):
    """The text names no channel and account."""

    code = "BAD_BINDING"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A channel and an account on it: None is the default one, `*` any."""

    channel: str
    account: str | None = None

    @property
    def match(self) -> dict[str, str]:
        """The `match` of a binding."""
        return {"channel": self.channel} | ({"accountId": self.account} if self.account else {})


@dataclass(slots=True)
class Outcome:
    """The rows after a change and what became of each place. Conflicts are (place, the agent that has it)."""

    rows: list[Any]
    added: list[Place] = field(default_factory=list)
    updated: list[Place] = field(default_factory=list)
    skipped: list[Place] = field(default_factory=list)
    removed: list[Place] = field(default_factory=list)
    missing: list[Place] = field(default_factory=list)
    conflicts: list[tuple[Place, str]] = field(default_factory=list)


def read_place(text: str) -> Place:
    """`telegram`, `telegram:ops` or `discord:*`. Raises `BadBinding`."""
    channel, colon, account = text.strip().partition(":")
    if not channel or (colon and not account.strip()):
        raise BadBinding(f'"{text}" is no binding', hint="write channel or channel:account, for example telegram:ops")
    return Place(channel.lower(), account.strip() or None)


def rows_of(source: Mapping[str, Any]) -> list[Any]:
    """The bindings as a file says them."""
    rows = source.get("bindings")
    return list(rows) if isinstance(rows, list) else []


def bind(rows: Sequence[Any], agent_id: str, places: Sequence[Place]) -> Outcome:
    """The rows with `places` going to the agent; a row of its own for the channel alone gets the account added."""
    done = Outcome(list(rows))
    for place in places:
        if (owner := _owner(done.rows, place)) is not None:
            if owner == agent_id:
                done.skipped.append(place)
            else:
                done.conflicts.append((place, owner))
        elif place.account and (index := _bare_of(done.rows, agent_id, place.channel)) is not None:
            row = done.rows[index]
            done.rows[index] = {**row, "match": {**row["match"], "accountId": place.account}}
            done.updated.append(place)
        else:
            done.rows.append({"agentId": agent_id, "match": place.match})
            done.added.append(place)
    return done


def unbind(rows: Sequence[Any], agent_id: str, places: Sequence[Place] | None) -> Outcome:
    """The rows without `places` of the agent; None takes all of its rows away, also those of peers."""
    done = Outcome(list(rows))
    if places is None:
        done.rows = [row for row in rows if _agent_of(row) != agent_id]
        done.removed = [_place_of(row) for row in rows if _agent_of(row) == agent_id]
        return done
    for place in places:
        owner = _owner(done.rows, place)
        if owner is None:
            done.missing.append(place)
        elif owner != agent_id:
            done.conflicts.append((place, owner))
        else:
            done.rows = [row for row in done.rows if not (_agent_of(row) == agent_id and _is_of(row, place))]
            done.removed.append(place)
    return done


def words(row: Row) -> str:
    """`discord accountId=work peer=channel:123`."""
    parts = dict(_match(row))
    channel = str(parts.pop("channel", "any channel"))
    return " ".join((channel, *(f"{key}={_value_words(value)}" for key, value in parts.items())))


def place_words(place: Place) -> str:
    """`telegram accountId=ops`."""
    return words({"match": place.match})


def _owner(rows: Sequence[Any], place: Place) -> str | None:
    return next((_agent_of(row) for row in rows if _is_of(row, place)), None)


def _bare_of(rows: Sequence[Any], agent_id: str, channel: str) -> int | None:
    """Where the agent's row for the channel without an account is."""
    found = (
        index
        for index, row in enumerate(rows)
        if _agent_of(row) == agent_id and _is_of(row, Place(channel)) and "accountId" not in _match(row)
    )
    return next(found, None)


def _is_of(row: Any, place: Place) -> bool:
    match = _match(row)
    return (
        not _NARROWER & set(match)
        and str(match.get("channel", "")).lower() == place.channel
        and str(match.get("accountId") or DEFAULT_ACCOUNT) == (place.account or DEFAULT_ACCOUNT)
    )


def _place_of(row: Row) -> Place:
    match = _match(row)
    account = match.get("accountId")
    return Place(str(match.get("channel", "")), str(account) if account is not None else None)


def _agent_of(row: Any) -> str:
    return str(row.get("agentId", "")).lower() if isinstance(row, Mapping) else ""


def _match(row: Any) -> Row:
    match = row.get("match") if isinstance(row, Mapping) else None
    return match if isinstance(match, Mapping) else {}


def _value_words(value: object) -> str:
    if isinstance(value, Mapping):
        return ":".join(str(part) for part in (value.get("kind"), value.get("id")) if part is not None)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
