"""What was fetched a moment ago: bounded in number, size and age; the oldest goes first. Kept in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from time import monotonic

MOST_ENTRIES = 100
MOST_CHARS = 4_000_000

Payload = Mapping[str, object]


class Cache:
    """Results of the web tools, by what was asked. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, int, Payload]] = {}
        self._chars = 0

    def get(self, key: Hashable) -> Payload | None:
        """What was kept under `key` and is not too old."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept[0] <= self._clock():
            self._drop(key)
            return None
        return kept[2]

    def put(self, key: Hashable, payload: Payload, ttl_s: float) -> None:
        """Keep `payload` for `ttl_s` seconds; nothing when that is none, or when it is too large for all of it."""
        chars = len(json.dumps(payload, ensure_ascii=False, default=str))
        self._drop(key)
        if ttl_s <= 0 or chars > MOST_CHARS:
            return
        self._kept[key] = (self._clock() + ttl_s, chars, payload)
        self._chars += chars
        while len(self._kept) > MOST_ENTRIES or self._chars > MOST_CHARS:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self._chars -= kept[1]
