"""Server-sent events: bytes in as the network cuts them, the `data` of whole events out. Pure.

Only CR, LF and CRLF end a line (`splitlines()` would also cut at U+2028 inside JSON); comments and all fields
but `data` are skipped, since every provider repeats the event's type inside its JSON. Source: models-and-auth §4.4.
"""

from __future__ import annotations

_BOM = b"\xef\xbb\xbf"
_DONE_LINES = (b"data: [DONE]", b"data:[DONE]")


class EventTooLarge(ValueError):
    """One event is larger than the parser will hold."""


class SseParser:
    """Splits a byte stream into events. Holds at most `max_event_bytes` of an event that is not complete yet."""

    def __init__(self, max_event_bytes: int = 4 * 1024 * 1024) -> None:
        self._max_event_bytes = max_event_bytes
        self._line: list[bytes] = []  # pieces of the line that has not ended
        self._data: list[bytes] = []  # `data` lines of the event that has not ended
        self._line_bytes = 0
        self._data_bytes = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of each event that `chunk` completes, in order. Raises `EventTooLarge`."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # the second half of a CRLF that fell on a border
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = chunk.split(b"\n")
        events: list[bytes] = []
        if lines:
            lines[0] = b"".join((*self._line, lines[0])) if self._line else lines[0]
            self._line.clear()
            self._line_bytes = 0
            if self._at_start:
                self._at_start = False
                lines[0] = lines[0].removeprefix(_BOM)
            self._take(lines, events)
        if rest:
            self._line.append(rest)
            self._line_bytes += len(rest)
            self._check_size()
        return events

    def close(self) -> list[bytes]:
        """What the end of the stream completes: an event whose closing blank line never came.

        A line cut in the middle is dropped, unless it is the end mark: half a JSON text is worth nothing.
        """
        last = b"".join(self._line)
        events = [b"\n".join(self._data)] if self._data else []
        if last in _DONE_LINES:
            events.append(b"[DONE]")
        self._line.clear()
        self._data.clear()
        return events

    def _take(self, lines: list[bytes], events: list[bytes]) -> None:
        data = self._data
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[6:] if line[5:6] == b" " else line[5:])
                self._data_bytes += len(line)
                self._check_size()
            elif not line and data:
                events.append(data[0] if len(data) == 1 else b"\n".join(data))
                data.clear()
                self._data_bytes = 0

    def _check_size(self) -> None:
        if self._line_bytes + self._data_bytes > self._max_event_bytes:
            raise EventTooLarge(f"one event is larger than {self._max_event_bytes} bytes")
