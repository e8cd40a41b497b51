"""The words of one model call while they arrive: all that was heard, and how much of it was told.

Every telling repeats the text so far (protocol §11). Told word by word, an answer of n characters would cost n² to
send; so the longer it is, the more must be new, unless the last telling is a moment ago. Decides only.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SHARE = 32
"""What is new is told once it is at least this fraction of what was told: all tellings together weigh ~32 n."""

MOMENT_S = 0.05
"""Or when this long nothing was told: a reader sees the text move twenty times a second."""


class Words:
    """One answer as it grows. `told` is what listeners know of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.told = ""
        self._waiting: list[str] = []
        self._size = 0
        self._clock = clock
        self._told_at = clock()

    @property
    def text(self) -> str:
        """All that was heard so far."""
        return "".join((self.told, *self._waiting))

    def hear(self, delta: str) -> str:
        """What is to be told now that `delta` came, empty when it can wait; `told` has it then."""
        self._waiting.append(delta)
        self._size += len(delta)
        if self._size * SHARE < len(self.told) and self._clock() - self._told_at < MOMENT_S:
            return ""
        return self.rest()

    def rest(self) -> str:
        """What still waits to be told, empty when all was told; `told` has it then."""
        new = "".join(self._waiting)
        self.told += new
        self._waiting.clear()
        self._size = 0
        self._told_at = self._clock()
        return new
