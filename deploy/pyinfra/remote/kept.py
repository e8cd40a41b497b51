"""Runs on a host, as root: keeps what a good gateway ran with before it is changed, and puts it back.

    kept.py keep STAMP      files and stamp of the running gateway to `previous/`, then the stamp is removed

The stamp is the record of what passed the gate. Without it the next run restarts the gateway; as long as it is
missing, `previous/` holds what was good last. Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from machine import as_user
from places import HAS_LAUNCHD
from plainly import Plainly

LONGEST = 2**24
"""No unit, `.env` or config comes near it: a user must not be able to fill root's memory."""

MOVE = '[ ! -d "$0" ] && mv -f' if HAS_LAUNCHD else "mv -fT"
WRITE = (
    f'umask 077 && t=$(mktemp "$0.XXXXXX") && {{ cat >"$t" && chmod "$1" "$t" && {MOVE} "$t" "$0" '
    '|| { rm -f "$t"; exit 1; }; }'
)


def keep(stamp: Path) -> None:
    """Copies what the stamp names, then removes it. Without a stamp nothing is known to be good: nothing happens."""
    known = read_stamp(stamp)
    if known is not None:
        fresh, kept = stamp.with_name("previous.new"), stamp.with_name("previous")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        for index, (path, owner, _) in enumerate(known.get("files") or []):
            content = read_as(owner, path)
            if content is not None:
                write_private(fresh / str(index), content)
        write_private(fresh / "stamp.json", json.dumps(known).encode())
        shutil.rmtree(kept, ignore_errors=True)
        fresh.replace(kept)
    stamp.unlink(missing_ok=True)


def previous(stamp: Path) -> dict[str, Any] | None:
    """The stamp of what was good before, None when nothing was."""
    return read_stamp(stamp.with_name("previous") / "stamp.json")


def put_back(stamp: Path) -> dict[str, Any]:
    """Restores files and link as they were kept; the stamp's content, not yet written: the gate has to pass first."""
    known = previous(stamp)
    assert known is not None
    for index, (path, owner, mode) in enumerate(known.get("files") or []):
        kept = stamp.with_name("previous") / str(index)
        if kept.exists():
            write_as(owner, path, mode, kept.read_bytes())
    if known["link"]:  # a gateway that was installed by hand has none
        switch_link(Path(known["link"]), known["target"])
    return known


def switch_link(link: Path, target: str) -> None:
    """Points the link elsewhere in one step."""
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def read_stamp(stamp: Path) -> dict[str, Any] | None:
    """The record, None when there is none that can be read."""
    try:
        known = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) and "applied" in known else None


def read_as(owner: str, path: str) -> bytes | None:
    """The file's bytes as its owner may read them; None when it cannot, and for what is no plain file of usual size."""
    found = looked_at(owner, path)
    return None if found is None else found[0]


def looked_at(owner: str, path: str) -> tuple[bytes, str] | None:
    """Bytes and octal mode by one look: the file may be exchanged between two. None as with `read_as`."""
    try:
        with opened_as(owner, path) as file:
            content, mode = file.read(LONGEST + 1), f"{os.fstat(file.fileno()).st_mode & 0o777:o}"
    except (OSError, KeyError):
        return None
    return (content, mode) if len(content) <= LONGEST else None


def opened_as(owner: str, path: str) -> BinaryIO:
    """A plain file, opened as its owner may. Raises OSError, KeyError.

    Anything else is refused and never waited for: who puts a pipe there must not be able to hold root up.
    """
    with acting_as(owner):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is no plain file", path)
    return os.fdopen(descriptor, "rb")


@contextlib.contextmanager
def acting_as(user: str) -> Iterator[None]:
    """Within it this process may do what the user may: root must not follow links that a user can plant."""
    if os.geteuid() != 0 or user == "root":
        yield
        return
    who, groups, group = pwd.getpwnam(user), os.getgroups(), os.getegid()
    os.setgroups(os.getgrouplist(user, who.pw_gid))
    os.setegid(who.pw_gid)
    os.seteuid(who.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def write_as(owner: str, path: str, mode: str, content: bytes) -> None:
    """Replaces the file in one step, as its owner; nobody else can read it at any moment."""
    subprocess.run(writer(owner, path, mode), input=content, check=True, capture_output=True, cwd="/")


def fill_as(owner: str, path: str, mode: str, source: BinaryIO) -> None:
    """The same from a file of any size, which has to be a real one."""
    subprocess.run(writer(owner, path, mode), stdin=source, check=True, capture_output=True, cwd="/")


def writer(owner: str, path: str, mode: str) -> list[str]:
    """The command that writes its standard input there, as the owner."""
    return as_user(owner, ["sh", "-c", WRITE, path, mode])


def write_private(path: Path, content: bytes) -> None:
    """Writes a file of root's in one step, readable by root only."""
    copy_private(io.BytesIO(content), path)


def copy_private(source: BinaryIO, path: Path) -> None:
    """The same from a file of any size; what fails half way takes no room on a full disk."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(source, file)
    except BaseException:
        fresh.unlink()
        raise
    fresh.replace(path)


if __name__ == "__main__":
    with Plainly():
        keep(Path(sys.argv[2]))
