"""Logging: one JSON object a line in the file, one readable line on the console, secrets out of both.

Records carry the subsystem, which is the logger's name without the package: `clawfleet.server.ws` logs as
`server.ws`. Source: config-and-cli §4.5 (console form) and §6.3 (what `openclaw logs` reads).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

Redact = Callable[[str], str]
ROOT = "clawfleet"


def _stamp(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _subsystem(record: logging.LogRecord) -> str:
    return record.name.removeprefix(f"{ROOT}.")


class _Plain(logging.Formatter):
    """`<time> [subsystem] message`, redacted."""

    def __init__(self, redact: Redact) -> None:
        super().__init__()
        self._redact = redact

    def text(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        return self._redact(message)

    def format(self, record: logging.LogRecord) -> str:
        return f"{_stamp(record)} [{_subsystem(record)}] {self.text(record)}"


class _Json(_Plain):
    """One object a line: time, level, subsystem, message and, when given, the instance's name."""

    def __init__(self, redact: Redact, instance: str | None) -> None:
        super().__init__(redact)
        self._instance = instance

    def format(self, record: logging.LogRecord) -> str:
        row = {
            "time": _stamp(record),
            "level": record.levelname.lower(),
            "subsystem": _subsystem(record),
            "message": self.text(record),
        }
        if self._instance:
            row["instance"] = self._instance
        return json.dumps(row, ensure_ascii=False)


class _OwnerOnlyFile(RotatingFileHandler):
    def _open(self) -> IO[str]:  # type: ignore[override]
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8")


def set_up_logging(
    *, file: Path, level: str, redact: Redact, instance: str | None = None, max_bytes: int = 100 * 1024 * 1024
) -> None:
    """Log to `file` (rotated once it reaches `max_bytes`) and to stderr; replaces what an earlier call set up."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    to_file = _OwnerOnlyFile(file, maxBytes=max_bytes, backupCount=2, encoding="utf-8")
    to_file.setFormatter(_Json(redact, instance))
    to_console = logging.StreamHandler(sys.stderr)
    to_console.setFormatter(_Plain(redact))
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.addHandler(to_file)
    root.addHandler(to_console)
    root.setLevel(logging.WARNING)  # libraries: what goes wrong, nothing else
    set_level(level)


def set_level(level: str) -> None:
    """Log from `level` on, in the config's words for it."""
    logging.getLogger(ROOT).setLevel(
        {"silent": "CRITICAL", "fatal": "CRITICAL", "trace": "DEBUG", "warn": "WARNING"}.get(level, level.upper())
    )
