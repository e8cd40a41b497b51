"""An environment with `.env` files below it: what each adds, and what is to be said about it.

Source: config-and-cli §2.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from clawfleet.config.untrusted import may_come_from_checkout
from clawfleet.secrets.dotenv import parse_dotenv, unreadable_lines

MAX_LINES_NAMED = 5


@dataclass(slots=True)
class Variables:
    """What is known so far. `files` were read; `unread` says which of the operator's own could not be."""

    environ: dict[str, str]
    files: list[Path] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def take(self, file: Path, *, is_own: bool) -> None:
        """Add what `file` says and nothing before it did; `is_own`: it is the operator's, not a checkout's."""
        try:
            text = _read(file)
        except OSError as error:
            problem = f"cannot read {file}: {error.strerror}"
            self.warnings.append(problem)
            if is_own:
                self.unread.append(problem)
            return
        if text is None:
            return
        self.files.append(file)
        self.warnings += _ignored_lines(file, text)
        for name, value in parse_dotenv(text).items():
            if name not in self.environ and (is_own or may_come_from_checkout(name)):
                self.environ[name] = value


def _ignored_lines(file: Path, text: str) -> Iterator[str]:
    """One warning for each of the first unreadable lines; never with their text, which may be half of a secret."""
    lines = unreadable_lines(text)
    yield from (f"{file}:{line}: not KEY=value; ignored" for line in lines[:MAX_LINES_NAMED])
    if len(lines) > MAX_LINES_NAMED:
        yield f"{file}: {len(lines) - MAX_LINES_NAMED} more lines are not KEY=value; ignored"


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
