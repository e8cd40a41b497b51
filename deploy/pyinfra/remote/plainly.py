"""Runs on a host: a script's failure in one line instead of a traceback. Standard library only."""

from __future__ import annotations

import subprocess
from types import TracebackType


class Plainly:
    """A block that ends the program with the words of what went wrong: a full disk, a command that failed."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, OSError | subprocess.CalledProcessError):
            raise SystemExit(words(error)) from None


def words(error: Exception) -> str:
    """What failed and why; arguments of a command are left out, its own words are not."""
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    if not isinstance(error, subprocess.CalledProcessError):
        return str(error)
    said = error.stderr.decode(errors="replace") if isinstance(error.stderr, bytes) else error.stderr
    program = error.cmd[0] if isinstance(error.cmd, list) else error.cmd
    return said.strip() if said and said.strip() else f"{program} ended with {error.returncode}"
