"""Replaces the config file: whole or not at all, for its owner only, with the last five versions beside it.

`store.files` stands above this room, so the few lines of atomic writing are here again.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from clawfleet.config.guard import WouldLose
from clawfleet.core.errors import HostError

BACKUPS = 5


class ReadOnlyConfig(HostError):
    """OPENCLAW_CONFIG_READONLY forbids this."""

    code = "CONFIG_READ_ONLY"


class CannotWrite(HostError):
    """The operating system refused."""

    code = "CONFIG_WRITE_FAILED"


def change_file(path: Path, environ: Mapping[str, str], change: Callable[[str | None], str]) -> bool:
    """Whether `change` made another text out of the file's (None: there is no file); if so it is on disk.

    Raises as `change_files` does.
    """
    return change_files(path, environ, lambda old: {path: change(old)})


def change_files(path: Path, environ: Mapping[str, str], change: Callable[[str | None], Mapping[Path, str]]) -> bool:
    """Whether `change`, told the text of `path`, made other texts than the files have; if so they are on disk.

    Two writers wait for each other. Raises ReadOnlyConfig, CannotWrite, and what `change` raises; then nothing is
    written, but what a guard refused is kept as `openclaw.json.rejected.<ms>`.
    """
    if environ.get("OPENCLAW_CONFIG_READONLY", "").strip() not in ("", "0", "false"):
        raise ReadOnlyConfig(
            "The config is read-only (OPENCLAW_CONFIG_READONLY is set)",
            hint="change it where it comes from, such as a fleet file; without one, unset the variable",
        )
    target = path.resolve()  # a linked file is changed where it is, not replaced by a copy
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone_in(target.parent):
            new = change(read_exactly(target) if target.exists() else None)
            written = [_written(file.resolve(), text) for file, text in new.items()]
            return any(written)
    except WouldLose as error:
        if error.rejected is not None:
            put_beside(target, f".rejected.{time.time_ns() // 1_000_000}", error.rejected)
        raise
    except OSError as error:
        raise CannotWrite(
            f"cannot write {path}: {error.strerror}", hint="check who owns it, and the free space"
        ) from error


def put_beside(path: Path, ending: str, text: str) -> None:
    """Keep a text as `openclaw.json<ending>`, for the owner only. Raises OSError."""
    beside = path.resolve().with_name(f"{path.resolve().name}{ending}")
    if not beside.exists() or beside.read_bytes() != text.encode():
        _replace(beside, text, like=path)


def _written(target: Path, new: str) -> bool:
    """Whether a file did not say so yet; then it does, and its former text is kept."""
    old = read_exactly(target) if target.exists() else None
    if new == old:
        return False
    if old is not None:
        _keep(target)
    _replace(target, new, like=target)
    return True


def read_exactly(path: Path) -> str:
    """The text of a file with its line ends as they are. Raises OSError and UnicodeDecodeError."""
    return path.read_bytes().decode("utf-8")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _keep(path: Path) -> None:
    """Shift openclaw.json.bak, .bak.1 … .bak.4 by one and copy the file to .bak."""
    names = [path.with_name(f"{path.name}.bak{f'.{number}' if number else ''}") for number in range(BACKUPS)]
    for newer, older in reversed(list(pairwise(names))):
        if newer.exists():
            newer.replace(older)
    _replace(names[0], read_exactly(path), like=path)


def _replace(path: Path, text: str, *, like: Path) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            _give_to_owner(file.fileno(), like)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _give_to_owner(handle: int, like: Path) -> None:
    """Root edits for the gateway's user: a file that user can no longer read would stop the gateway."""
    if os.geteuid() == 0:
        owner = (like if like.exists() else like.parent).stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)
