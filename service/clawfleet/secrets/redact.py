"""Blacks secrets out of text: the ones this gateway knows, and whatever has the shape of one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
MIN_SECRET_CHARS = 4
"""Shorter values are not searched for: masking every `1` of a log hides more than it protects."""

# Each keeps what says which kind of secret it was (group 1) and masks the rest.
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}",
        r"(?i)([\"']?\b(?:x-api-key|x-goog-api-key|authorization|api_?key|bot_?token|password)[\"']?\s*[:=]\s*[\"']?)"
        r"(?!(?:bearer|basic)\b|\*\*\*|\$\{)[^\s\"',;}]{4,}",
        r"(?i)([?&#](?:token|key|api_?key|access_token|password|secret)=)[^&#\s\"']+",
        r"(\bbot)\d{5,}:[\w-]{20,}",
        r"()(?<![\w:])\d{6,}:[\w-]{30,}",
        r"(\bsk-)[\w-]{8,}",
        r"(\bxox[abeoprs]-)[\w-]{8,}",
        r"(\bgh[opsu]_)\w{20,}",
        r"(\bAIza)[\w-]{30,}",
    )
)


class Redactor:
    """Masks secrets. Hand its `redact` to whatever writes text for people: loggers, error replies."""

    def __init__(self, values: Iterable[str] = (), *, patterns: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.look_for(patterns)
        self.add(*values)

    def add(self, *values: str) -> None:
        """Know more secrets, also as they look inside a URL. Blank and very short ones are ignored."""
        fresh = {value for value in values if len(value.strip()) >= MIN_SECRET_CHARS}
        self._values |= fresh | {quote(value, safe="") for value in fresh}
        longest_first = sorted(self._values, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def look_for(self, patterns: Iterable[str]) -> None:
        """Mask what matches these patterns, instead of those given before."""
        self._patterns = tuple(re.compile(pattern) for pattern in patterns)

    def redact(self, text: str) -> str:
        """`text` with every secret masked."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for shape in _SHAPES:
            text = shape.sub(rf"\1{MASK}", text)
        for pattern in self._patterns:
            text = pattern.sub(MASK, text)
        return text
