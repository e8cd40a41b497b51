"""Who may write, as the operator listed them: `allowFrom` entries brought to the one form that sender ids have.

Matching is exact after that. Each channel has one function here; channels without one compare entries as written.
Source: channels §2.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class AllowList:
    """A usable `allowFrom`. `ignored` are entries that can never match a sender; the operator should be told."""

    ids: frozenset[str] = frozenset()
    everyone: bool = False
    ignored: tuple[str, ...] = ()

    def admits(self, sender_id: str) -> bool:
        """Whether the sender is listed, or everyone is."""
        return self.everyone or sender_id in self.ids


def allow_list(channel: str, entries: Iterable[str | int]) -> AllowList:
    """The entries of one `allowFrom` or `groupAllowFrom` of `channel`; numbers count as their text."""
    normalise = NORMALISERS.get(channel, _as_written)
    ids: set[str] = set()
    ignored: list[str] = []
    everyone = False
    for entry in entries:
        text = str(entry).strip()
        if text == EVERYONE:
            everyone = True
        elif (recipient := normalise(text)) is not None:
            ids.add(recipient)
        else:
            ignored.append(text)
    return AllowList(frozenset(ids), everyone, tuple(ignored))


def _as_written(text: str) -> str | None:
    return text or None


def _telegram(text: str) -> str | None:
    """The numeric user id behind `42`, `tg:42` or `Telegram:42`; None for `@names` and for (negative) chat ids."""
    prefix, colon, rest = text.partition(":")
    if colon and prefix.lower() in {"tg", "telegram"}:
        text = rest.strip()
    return text if text.isascii() and text.isdigit() else None


NORMALISERS: dict[str, Callable[[str], str | None]] = {"telegram": _telegram}
