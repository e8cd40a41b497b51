"""Files of the operator on the control machine: read with words for what is wrong, replaced in one step."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyjson5

from clawfleet.fleet.problems import FleetInvalidError, Problem


def read_text(path: Path, check: str = "file") -> str:
    """The file's text. Raises FleetInvalidError, under the name of `check`, when it cannot be read or is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(check, f"{path} is not UTF-8 from byte {error.start} on", "save it as UTF-8")
    except OSError as error:
        problem = Problem(check, f"{path} cannot be read: {error.strerror}", f"look at it: ls -l {path}")
    raise FleetInvalidError(path.name, [problem]) from None


def read_memory(path: Path) -> dict[str, Any]:
    """The JSON5 object that an earlier run wrote and people may edit; empty before that. Raises FleetInvalidError."""
    if not path.exists():
        return {}
    try:
        found = pyjson5.loads(read_text(path))
    except pyjson5.Json5Exception as error:
        reason = str(error)
    else:
        if isinstance(found, dict):
            return found
        reason = "no object"
    hint = "mend it, or take it back from version control"
    raise FleetInvalidError(path.name, [Problem("file", f"{path}: {reason}", hint)])


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Replaces a file in one step; at no moment can more people read it than `mode` says."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except BaseException:
        fresh.unlink()
        raise
    fresh.replace(path)


@contextlib.contextmanager
def alone(path: Path, mode: int) -> Iterator[None]:
    """Within it no other run that asks so changes the file; it is there, empty at first."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, mode)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if is_still(path, descriptor):  # who had the lock before may have put another file there
                yield
                return
        finally:
            os.close(descriptor)


def is_still(path: Path, descriptor: int) -> bool:
    """Whether the file that was opened is the one of that name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
