"""Which entry of a list or map of senders a requester is. Pure. Source: tools-and-sessions §1.4 and §3.2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from clawfleet.core.requester import Requester

T = TypeVar("T")

ANYBODY = "*"
_KINDS = ("channel", "id", "e164", "username", "name")
"""How an entry says what it names, the most certain first: later ones are what people call themselves."""


def entry_for(entries: Mapping[str, T], requester: Requester | None) -> tuple[str, T] | None:
    """The entry that names the requester, the most certain naming first; else the one for anybody (`*`)."""
    by_name = {_plain(key): (key, value) for key, value in reversed(list(entries.items()))}
    wanted = () if requester is None else _names(requester)
    found = next((by_name[name] for name in wanted if name in by_name), None)
    return found or by_name.get(ANYBODY)


def is_among(entries: Iterable[str], requester: Requester | None) -> bool:
    """Whether a list of senders names the requester. A bare entry is an id or a number; `*` is everybody."""
    listed = set(entries)
    if ANYBODY in listed:
        return True
    if requester is None:
        return False
    own = {*_names(requester), *(f"from:{each}" for each in _ids(requester))}
    return any(_plain(entry) in own or _plain(f"e164:{entry}") in own for entry in listed)


def _names(requester: Requester) -> Iterator[str]:
    """What the requester may be listed as, in the order of `_KINDS`."""
    ids = _ids(requester)
    yield from (f"channel:{requester.channel.lower()}:{each}" for each in ids)
    yield from (f"id:{each}" for each in ids)
    for kind, value in (("e164", requester.e164), ("username", requester.username), ("name", requester.name)):
        if value and value.strip():
            yield f"{kind}:{_bare(kind, value)}"


def _ids(requester: Requester) -> tuple[str, ...]:
    return (requester.sender_id.strip().lower(),) if requester.sender_id and requester.sender_id.strip() else ()


def _plain(entry: str) -> str:
    """An entry in the one form that `_names` gives; without a kind it is an id."""
    text = entry.strip().lower()
    if text == ANYBODY:
        return text
    kind, _, value = text.partition(":")
    if kind in (*_KINDS, "from") and value:
        return f"{kind}:{_bare(kind, value)}"
    return f"id:{text}"


def _bare(kind: str, value: str) -> str:
    text = value.strip().lower()
    return text.removeprefix("@") if kind == "username" else text
