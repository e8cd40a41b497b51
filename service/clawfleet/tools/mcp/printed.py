"""What a server prints besides the protocol: into the log at debug level, the last lines kept for error messages."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable
from typing import TextIO

log = logging.getLogger("clawfleet.tools.mcp")

MOST_LINE = 8_192
MOST_KEPT = 20


class Printed:
    """A pipe whose writing end is a server's stderr. Lines are cut and freed of secrets."""

    def __init__(self, name: str, redact: Callable[[str], str]) -> None:
        self._name = name
        self._redact = redact
        self._open = ""
        self.lines: deque[str] = deque(maxlen=MOST_KEPT)
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._reading = reading
        self.writing: TextIO = os.fdopen(writing, "w")
        asyncio.get_running_loop().add_reader(reading, self._read)

    def close(self) -> None:
        """Let go of the pipe; what is still in it is read first."""
        self.writing.close()
        self._read()
        if self._reading >= 0:
            asyncio.get_running_loop().remove_reader(self._reading)
            os.close(self._reading)
            self._reading = -1
        if self._open:
            self._tell(self._open)
            self._open = ""

    def _read(self) -> None:
        try:
            data = os.read(self._reading, 65_536) if self._reading >= 0 else b""
        except BlockingIOError:
            return
        if not data and self._reading >= 0:
            asyncio.get_running_loop().remove_reader(self._reading)
            os.close(self._reading)
            self._reading = -1
            return
        *lines, self._open = (self._open + data.decode("utf-8", "replace")).split("\n")
        self._open = self._open[-MOST_LINE:]
        for line in lines:
            self._tell(line)

    def _tell(self, line: str) -> None:
        text = self._redact(line.rstrip()[-MOST_LINE:])
        if text:
            self.lines.append(text)
            log.debug("bundle-mcp:%s: %s", self._name, text)
