"""What file tools do to a file system, the same on the host and in a container: `answer` takes an order, gives a reply.

A container runs this file as it stands with its own python3: nothing but the standard library, nothing newer than 3.9.
Paths are walked directory by directory without following a link unseen, so that nobody can swap a directory for a link
that leads out of the roots between the check and the act. Source: tools-and-sessions §5.2 and §16.10.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

MOST_LINKS = 40
CHUNK = 1 << 16
HEAD = 8192
"""Bytes by which a reader tells text from everything else."""
SHOWN = 1 << 20
"""Longest old content that is told of a file that gets a new one."""
COUNTED = 1 << 26
"""A file's lines are counted up to here; beyond, how many there are is not known."""

_DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Roots = list[tuple[str, bool]]
"""Directories that may be touched, without a trailing slash, and whether they may be written to."""


class Refused(Exception):
    """An order that is not carried out; `kind` is one of the words that `tools/files/access.py` knows."""

    def __init__(self, kind: str, path: str, detail: str = "") -> None:
        super().__init__(kind, path, detail)
        self.kind, self.path, self.detail = kind, path, detail


class _Spot:
    """A name in an open directory: what an order is about. `close` gives the directory back."""

    def __init__(self, path: str, directory: int, name: str, writable: bool) -> None:
        self.path, self.directory, self.name, self.writable = path, directory, name, writable

    def status(self) -> os.stat_result | None:
        """The file's own status, None when there is none; a link is not followed."""
        try:
            return os.stat(self.name, dir_fd=self.directory, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def opened(self) -> int:
        """A descriptor to read the regular file by."""
        # Non-blocking: a named pipe that nobody writes to would hold the reader for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self.name, flags, dir_fd=self.directory)
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode):
            return descriptor
        os.close(descriptor)
        raise Refused("directory" if stat.S_ISDIR(mode) else "special", self.path)

    def close(self) -> None:
        os.close(self.directory)


class _Walk:
    """The way to one path. Only `find` is used from outside."""

    def __init__(self, path: str, roots: Roots) -> None:
        self._path, self._roots = path, roots
        self._stack: list[int] = []
        self._links = 0
        self._writable = False
        self._root = ""
        self._rest: list[str] = []

    def find(self, follow: bool, make: bool) -> _Spot:
        """The spot; `follow` a link at the end too; `make` directories that are missing on the way."""
        try:
            self._enter(self._path)
            while self._rest:
                part = self._rest.pop(0)
                if part == "..":
                    self._rise()
                elif (target := self._link(part)) is not None and (self._rest or follow):
                    self._turn(target)
                elif self._rest:
                    self._descend(part, make)
                else:
                    return _Spot(self._path, self._stack.pop(), part, self._writable)
            return _Spot(self._path, self._stack.pop(), ".", self._writable)
        finally:
            self._leave()

    def _enter(self, path: str) -> None:
        """Start again at the root that holds `path`."""
        self._leave()
        for root, writable in sorted(self._roots, key=lambda each: -len(each[0])):
            if path == root or path.startswith(root.rstrip("/") + "/"):
                self._root, self._writable = root, writable
                self._rest = [part for part in path[len(root) :].split("/") if part not in ("", ".")]
                self._stack = [os.open(root, _DIRECTORY & ~os.O_NOFOLLOW)]
                return
        raise Refused("outside", self._path)

    def _leave(self) -> None:
        while self._stack:
            os.close(self._stack.pop())

    def _rise(self) -> None:
        if len(self._stack) > 1:
            os.close(self._stack.pop())
        else:
            self._enter("/".join([self._root.rstrip("/").rpartition("/")[0] or "/", *self._rest]))

    def _link(self, part: str) -> str | None:
        try:
            return os.readlink(part, dir_fd=self._stack[-1])
        except OSError:
            return None

    def _turn(self, target: str) -> None:
        self._links += 1
        if self._links > MOST_LINKS:
            raise Refused("links", self._path)
        if target.startswith("/"):
            self._enter("/".join([target, *self._rest]))
        else:
            self._rest = [part for part in target.split("/") if part not in ("", ".")] + self._rest

    def _descend(self, part: str, make: bool) -> None:
        if make and self._writable:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=self._stack[-1])
        self._stack.append(os.open(part, _DIRECTORY, dir_fd=self._stack[-1]))


def look(path: str, roots: Roots, first: int, count: int, keep: int) -> dict[str, Any]:
    """At most `keep` bytes of `count` lines from line `first` (from 0), the file's first bytes, and its lines' number.

    `total` is -1 where the file was too long to be counted.
    """
    spot = _Walk(path, roots).find(True, False)
    try:
        descriptor = spot.opened()
    finally:
        spot.close()
    with os.fdopen(descriptor, "rb") as file:
        size = os.fstat(descriptor).st_size
        data, head, line, last, read = bytearray(), b"", 0, b"", 0
        while chunk := file.read(CHUNK):
            head = head or chunk[:HEAD]
            read += len(chunk)
            line = _pick(chunk, line, (first, first + count), data, keep)
            last = chunk[-1:]
            if read >= COUNTED and (line >= first + count or len(data) >= keep):
                return _seen(data, head, size, -1)
    return _seen(data, head, size, line + (last not in (b"", b"\n")))


def _pick(chunk: bytes, line: int, window: tuple[int, int], data: bytearray, keep: int) -> int:
    """Add to `data` what of `chunk`, which begins in `line`, lies in the window; returns the line it ends in."""
    first, end = window
    ends = line + chunk.count(b"\n")
    if ends < first or line >= end or len(data) >= keep:
        return ends
    begin = 0
    for _ in range(first - line):
        begin = chunk.index(b"\n", begin) + 1
    stop = begin
    for _ in range(end - max(line, first)):
        found = chunk.find(b"\n", stop)
        stop = len(chunk) if found < 0 else found + 1
        if found < 0:
            break
    data += chunk[begin : min(stop, begin + keep - len(data))]
    return ends


def _seen(data: bytearray, head: bytes, size: int, total: int) -> dict[str, Any]:
    return {"data": _coded(bytes(data)), "head": _coded(head), "size": size, "total": total}


def fetch(path: str, roots: Roots, limit: int) -> dict[str, Any]:
    """The whole file, if it is no longer than `limit` bytes."""
    spot = _Walk(path, roots).find(True, False)
    try:
        descriptor = spot.opened()
    finally:
        spot.close()
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Refused("large", path, str(limit))
    return {"data": _coded(data)}


def listing(path: str, roots: Roots, limit: int, after: str | None) -> dict[str, Any]:
    """Names in a directory in the order of their bytes, at most `limit` of those behind `after`; are there more?"""
    spot = _Walk(path, roots).find(True, False)
    try:
        descriptor = os.open(spot.name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=spot.directory)
    except NotADirectoryError:
        raise Refused("file", path) from None
    finally:
        spot.close()
    try:
        with os.scandir(descriptor) as entries:
            found = [(os.fsencode(each.name), each.is_dir(follow_symlinks=False)) for each in entries]
    finally:
        os.close(descriptor)
    floor = os.fsencode(after) if after is not None else None
    rows = sorted(each for each in found if floor is None or each[0] > floor)
    names = [[name.decode("utf-8", "replace"), is_directory] for name, is_directory in rows[:limit]]
    return {"entries": names, "more": len(rows) > limit}


class _Change:
    """One file of a commit: gets new content, or goes when `data` is None."""

    def __init__(self, order: dict[str, Any], roots: Roots) -> None:
        coded = order["data"]
        self.data = None if coded is None else base64.b64decode(coded)
        self.path = order["path"]
        self.spot = _Walk(self.path, roots).find(self.data is not None, self.data is not None)
        self.old = self.spot.status()
        self.ready = ""
        self.kept = ""
        self.before: str | None = None
        try:
            self._check(order)
            if order.get("show") and self.old is not None and self.old.st_size <= SHOWN:
                self.before = _coded(self._content())
        except BaseException:
            self.spot.close()
            raise

    def _check(self, order: dict[str, Any]) -> None:
        if not self.spot.writable:
            raise Refused("read-only", self.path)
        if self.old is None:
            if self.data is None or order.get("expect") is not None:
                raise Refused("missing", self.path)
            return
        if order.get("new"):
            raise Refused("exists", self.path)
        if stat.S_ISDIR(self.old.st_mode):
            raise Refused("directory", self.path)
        if self.data is not None and not stat.S_ISREG(self.old.st_mode):
            raise Refused("special", self.path)
        if order.get("expect") is not None and hashlib.sha256(self._content()).hexdigest() != order["expect"]:
            raise Refused("changed", self.path)

    def _content(self) -> bytes:
        with os.fdopen(self.spot.opened(), "rb") as file:
            return file.read()

    def write(self) -> None:
        """Put the new content beside the file, with the file's own mode."""
        if self.data is None:
            return
        self.ready = self._beside()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.ready, flags, 0o666, dir_fd=self.spot.directory)
        with os.fdopen(descriptor, "wb") as file:
            if self.old is not None:
                os.fchmod(descriptor, stat.S_IMODE(self.old.st_mode))
            file.write(self.data)

    def act(self) -> None:
        """Let the new content, or nothing, take the file's place; the old one is kept under another name."""
        directory = self.spot.directory
        if self.old is not None:
            self.kept = self._beside()
            if self.data is None:
                os.rename(self.spot.name, self.kept, src_dir_fd=directory, dst_dir_fd=directory)
                return
            try:
                os.link(self.spot.name, self.kept, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
            except OSError:  # a file system without hard links: the one step that cannot be taken back
                self.kept = ""
        os.rename(self.ready, self.spot.name, src_dir_fd=directory, dst_dir_fd=directory)
        self.ready = ""

    def undo(self) -> None:
        """Back to what was there before `act`."""
        directory = self.spot.directory
        if self.kept:
            # Between two names of one file this does nothing, so the second is still to go: see `close`.
            os.rename(self.kept, self.spot.name, src_dir_fd=directory, dst_dir_fd=directory)
        elif self.old is None and not self.ready:
            os.unlink(self.spot.name, dir_fd=directory)

    def close(self) -> None:
        """Nothing stays beside the file."""
        for name in (self.ready, self.kept):
            if name:
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=self.spot.directory)
        self.spot.close()

    def _beside(self) -> str:
        return f".{self.spot.name[:64]}.{os.urandom(6).hex()}.tmp"


def commit(changes: list[dict[str, Any]], roots: Roots) -> dict[str, Any]:
    """All of `changes` or none. Each has `path` and `data` (None: delete).

    Each may have `new` (must not be there yet), `expect` (SHA-256 of what must be there) and `show` (tell what was
    there). Tells of each whether it made a new file.
    """
    made: list[_Change] = []
    done: list[_Change] = []
    try:
        for order in changes:
            made.append(_Change(order, roots))
        for change in made:
            change.write()
        try:
            for change in made:
                done.append(change)
                change.act()
        except OSError:
            for change in reversed(done):
                change.undo()
            raise
        return {"created": [change.old is None for change in made], "before": [change.before for change in made]}
    finally:
        for change in made:
            change.close()


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


WORK: dict[str, Callable[..., dict[str, Any]]] = {
    "look": look,
    "fetch": fetch,
    "listing": listing,
    "commit": commit,
}


def answer(order: str) -> str:
    """The reply to `order`: both are JSON objects. A refusal names its kind and the path; nothing is raised for it."""
    request = json.loads(order)
    work = WORK[request.pop("op")]
    try:
        return json.dumps({"done": work(**request)})
    except Refused as refusal:
        return json.dumps({"refused": refusal.kind, "path": refusal.path, "detail": refusal.detail})
    except FileNotFoundError:
        kind = "missing"
    except NotADirectoryError:
        kind = "not-a-directory"
    except PermissionError:
        kind = "denied"
    except OSError as error:
        return json.dumps({"refused": "system", "path": "", "detail": os.strerror(error.errno or 0)})
    return json.dumps({"refused": kind, "path": request.get("path", ""), "detail": ""})


if __name__ == "__main__":
    sys.stdout.write(answer(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())).decode("utf-8")))
