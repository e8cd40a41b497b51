"""JSON texts one a line: bytes in as the network cuts them, whole lines out. Pure."""

from __future__ import annotations

from clawfleet.models.providers.sse import EventTooLarge


class LineParser:
    """Splits a byte stream into lines that are not blank. Holds at most `max_line_bytes` of one that has not ended."""

    def __init__(self, max_line_bytes: int = 4 * 1024 * 1024) -> None:
        self._max_line_bytes = max_line_bytes
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, in order. Raises `EventTooLarge`."""
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        self._rest += rest
        if len(self._rest) > self._max_line_bytes:
            raise EventTooLarge(f"one line is larger than {self._max_line_bytes} bytes")
        return [line for line in lines if line.strip()]

    def close(self) -> list[bytes]:
        """The last line, when nothing ended it."""
        rest = bytes(self._rest)
        self._rest.clear()
        return [rest] if rest.strip() else []
