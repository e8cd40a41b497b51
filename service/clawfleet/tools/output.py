"""What a command prints: kept within bounds, shown while it grows."""

from __future__ import annotations

import asyncio
import codecs
from collections import deque
from collections.abc import Callable

LIMIT = 200_000
"""Most characters kept of one command's output. Source: tools-and-sessions §3.1."""
HEAD = LIMIT // 10
TAIL = LIMIT - HEAD
DROPPED = "[earlier output was discarded at the retention cap and cannot be recovered]"
SHOWN = 2_000
SHOW_EVERY_S = 0.25
_COALESCE = 4_096


class BoundedText:
    """Output as text: the first `HEAD` and the last `TAIL` characters, and how many were lost between them."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._head = ""
        self._tail: deque[str] = deque()
        self._tail_length = 0
        self._lost = 0

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """The text of more bytes, kept; broken UTF-8 becomes U+FFFD. `final` closes an unfinished character."""
        text = self._decoder.decode(data, final)
        self._keep(text)
        return text

    def _keep(self, text: str) -> None:
        room = HEAD - len(self._head)
        if room > 0:
            self._head += text[:room]
            text = text[room:]
        if not text:
            return
        if self._tail and len(self._tail[-1]) < _COALESCE:
            short = self._tail.pop()
            self._tail_length -= len(short)
            text = short + text
        self._tail.append(text)
        self._tail_length += len(text)
        while self._tail_length - len(self._tail[0]) >= TAIL:
            gone = len(self._tail.popleft())
            self._tail_length -= gone
            self._lost += gone

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost so far."""
        return self._lost == 0 and self._tail_length <= TAIL

    @property
    def is_empty(self) -> bool:
        """Whether there was no output so far."""
        return not self._head

    def text(self) -> str:
        """Everything kept; where characters are missing, a line says so and how many."""
        tail = "".join(self._tail)
        excess = max(0, len(tail) - TAIL)
        if lost := self._lost + excess:
            return f"{self._head}\n{DROPPED} ({lost} characters)\n{tail[excess:]}"
        return self._head + tail

    def end(self, length: int = SHOWN) -> str:
        """The last `length` characters so far; up to the size of two chunks."""
        before = self._tail[-2] if len(self._tail) > 1 else self._head
        return (before + self._tail[-1] if self._tail else before)[-length:]


class LiveOutput:
    """A `BoundedText` whose end is reported as it grows: at once, then at most every `SHOW_EVERY_S` seconds."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.kept = BoundedText()
        self._report = report
        self._timer: asyncio.TimerHandle | None = None
        self._stale = False

    def feed(self, data: bytes) -> str:
        """Take more output, report it when it is time, and return its text."""
        text = self.kept.feed(data)
        self._stale = True
        if self._timer is None:
            self._show()
        return text

    def hush(self) -> None:
        """Report nothing from now on; more output is still kept."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._report = lambda end: None

    def close(self) -> str:
        """The whole kept text; nothing is reported any more."""
        self.hush()
        self.kept.feed(b"", final=True)
        return self.kept.text()

    def _show(self) -> None:
        self._timer = None
        if self._stale:
            self._stale = False
            self._timer = asyncio.get_running_loop().call_later(SHOW_EVERY_S, self._show)
            self._report(self.kept.end())


def for_model(text: str, context_tokens: int) -> str:
    """A tool's result as the model is given it: the start that fits its context window, and how much was left out."""
    limit = 16_000 if context_tokens < 100_000 else 32_000 if context_tokens < 200_000 else 64_000
    if len(text) <= limit:
        return text
    rest = len(text) - limit
    return f"{text[:limit]}\n[... {rest} more characters truncated; rerun with narrower args if needed]"
