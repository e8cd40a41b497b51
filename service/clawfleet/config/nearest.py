"""Which name somebody meant who mistyped it; pure."""

from __future__ import annotations

import difflib


def nearest(key: str, known: list[str]) -> str | None:
    """The known key that a mistyped one most likely meant."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(key.lower(), list(by_lower), n=1, cutoff=0.7)
    return by_lower[close[0]] if close else None
