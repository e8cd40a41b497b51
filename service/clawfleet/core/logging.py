"""Logging: one JSON object a line in the file, one readable line on the console, secrets out of both.

Records carry the subsystem, which is the logger's name without the package: `clawfleet.server.ws` logs as
`server.ws`. The file has the day in its name if it is asked to, and is another one from midnight on. Source:
config-and-cli §4.5 (console form) and §6.3 (what `openclaw logs` reads).
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal

Redact = Callable[[str], str]
ConsoleStyle = Literal["pretty", "compact", "json"]
ROOT = "clawfleet"
DAY = "YYYY-MM-DD"
KEPT_DAYS = 14
KEPT_PARTS = 2
_WORDS = {"silent": logging.CRITICAL + 1, "fatal": logging.CRITICAL, "trace": logging.DEBUG, "warn": logging.WARNING}


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How much is written and how. Levels are the config's words; `levels` are those of subsystems and what is below.

    `console_level` None is `level`.
    """

    level: str = "info"
    levels: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 100 * 1024 * 1024
    console_level: str | None = None
    console_style: ConsoleStyle = "pretty"


def _stamp(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _subsystem(record: logging.LogRecord) -> str:
    return record.name.removeprefix(f"{ROOT}.")


class _Plain(logging.Formatter):
    """`<time> [subsystem] message`, redacted; compact is without the day."""

    def __init__(self, redact: Redact, *, compact: bool = False) -> None:
        super().__init__()
        self._redact = redact
        self._compact = compact

    def text(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.exc_info:
            message = f"{message}\n{self.formatException(record.exc_info)}"
        return self._redact(message)

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created).strftime("%H:%M:%S") if self._compact else _stamp(record)
        return f"{when} [{_subsystem(record)}] {self.text(record)}"


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


class _Threshold(logging.Filter):
    """Lets through what is severe enough for its subsystem: the longest name that is set decides."""

    def __init__(self, level: str, levels: Mapping[str, str]) -> None:
        super().__init__()
        self._least = number_of(level)
        self._levels = {name: number_of(word) for name, word in levels.items()}

    def filter(self, record: logging.LogRecord) -> bool:
        name = _subsystem(record)
        while name and self._levels:
            if name in self._levels:
                return record.levelno >= self._levels[name]
            name = name.rpartition(".")[0]
        return record.levelno >= self._least

    @property
    def lowest(self) -> int:
        """What is less severe than this goes nowhere."""
        return min([self._least, *self._levels.values()])


class _OwnerOnlyFile(RotatingFileHandler):
    """The file of today, only its owner's; a new one at midnight, and after so many bytes. Old ones go."""

    def __init__(self, pattern: Path, max_bytes: int) -> None:
        self._pattern = pattern
        self._day = _today()
        super().__init__(file_of(pattern, self._day), maxBytes=max_bytes, backupCount=KEPT_PARTS, encoding="utf-8")
        self._forget()

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - the library's name
        return self._is_yesterdays() or bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802 - the library's name
        if not self._is_yesterdays():
            super().doRollover()
            return
        self._day = _today()
        if self.stream:
            self.stream.close()
        self.baseFilename = str(file_of(self._pattern, self._day).absolute())
        self.stream = self._open()
        self._forget()

    def _is_yesterdays(self) -> bool:
        return DAY in self._pattern.name and self._day != _today()

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(os.fdopen(handle, "ab"), encoding="utf-8")

    def _forget(self) -> None:
        """Remove the files of days long ago; what cannot be removed stays."""
        if DAY not in self._pattern.name:
            return
        before, _, behind = self._pattern.name.partition(DAY)
        name = re.compile(rf"{re.escape(before)}(\d{{4}}-\d\d-\d\d){re.escape(behind)}(\.\d+)?")
        with suppress(OSError):
            found = [
                (match[1], path) for path in self._pattern.parent.iterdir() if (match := name.fullmatch(path.name))
            ]
            kept = sorted({day for day, _ in found})[-KEPT_DAYS:]
            for path in [path for day, path in found if day not in kept]:
                path.unlink(missing_ok=True)


def _today() -> str:
    return datetime.now(UTC).astimezone().strftime("%Y-%m-%d")


def file_of(pattern: Path, day: str | None = None) -> Path:
    """The log file of a day, today's without one; `pattern` holds `YYYY-MM-DD` where the day goes, or no day."""
    return pattern.with_name(pattern.name.replace(DAY, day or _today()))


def number_of(level: str) -> int:
    """The severity that a word of the config stands for."""
    return _WORDS.get(level) or logging.getLevelNamesMapping()[level.upper()]


@dataclass(slots=True)
class _Outputs:
    """What was set up last, to be set anew while the gateway runs."""

    file: _OwnerOnlyFile
    console: logging.Handler
    redact: Redact
    instance: str | None


_outputs: list[_Outputs] = []


def set_up_logging(*, file: Path, settings: LogSettings, redact: Redact, instance: str | None = None) -> Path:
    """Log to `file`, a name or a pattern with a day, and to stderr; replaces what an earlier call set up.

    Returns the file of today.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    to_file = _OwnerOnlyFile(file, settings.max_bytes)
    to_file.setFormatter(_Json(redact, instance))
    to_console = logging.StreamHandler(sys.stderr)
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.addHandler(to_file)
    root.addHandler(to_console)
    root.setLevel(logging.WARNING)  # libraries: what goes wrong, nothing else
    _outputs[:] = [_Outputs(to_file, to_console, redact, instance)]
    set_log_settings(settings)
    return Path(to_file.baseFilename)


def set_log_settings(settings: LogSettings) -> None:
    """Log from now on as `settings` say, in the same file."""
    for outputs in _outputs:
        to_file = _Threshold(settings.level, settings.levels)
        to_console = _Threshold(settings.console_level or settings.level, settings.levels)
        outputs.file.filters[:], outputs.console.filters[:] = [to_file], [to_console]
        outputs.file.maxBytes = settings.max_bytes
        plain = _Plain(outputs.redact, compact=settings.console_style == "compact")
        as_json = settings.console_style == "json"
        outputs.console.setFormatter(_Json(outputs.redact, outputs.instance) if as_json else plain)
        logging.getLogger(ROOT).setLevel(min(to_file.lowest, to_console.lowest))
