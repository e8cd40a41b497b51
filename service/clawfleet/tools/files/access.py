"""What file tools may ask of a file system, in typed calls; refusals become errors a model can act on, and are logged.

One `FileAccess` serves a session's tools, so that two calls of one turn never change the same file at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clawfleet.core.errors import ToolError
from clawfleet.sandbox.floor import Floor, Ground
from clawfleet.tools.base import ToolContext
from clawfleet.tools.failures import ToolDenied

log = logging.getLogger("clawfleet.tools.files")

MOST_BYTES = 16 * 1024 * 1024
"""Longest file that is edited or written."""


class FileMissing(ToolError):
    """There is no such file or directory."""

    code = "FILE_NOT_FOUND"


class FileChanged(ToolError):
    """Somebody else changed the file between reading and writing."""

    code = "FILE_CHANGED"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Part of a file: bytes of the lines asked for, the file's first bytes, its length; `total` lines, -1 unknown."""

    data: bytes
    head: bytes
    size: int
    total: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a directory."""

    name: str
    is_directory: bool


@dataclass(frozen=True, slots=True)
class Change:
    """New content of a file, or its end (`data` None). `new`: it must not be there yet; `over`: what must be there."""

    path: str
    data: bytes | None
    new: bool = False
    over: bytes | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Whether a file was made, and what was there before (None: nothing, or too long to tell)."""

    created: bool
    before: bytes | None


class FileAccess:
    """The files of one session. `confined` keeps every tool in the workspace."""

    def __init__(self, floor: Floor, *, confined: bool) -> None:
        self._floor = floor
        self._confined = confined
        self.changing = asyncio.Lock()

    @property
    def writable(self) -> bool:
        """Whether anything may be written at all."""
        return self._floor.writable

    def of(self, context: ToolContext, *, confined: bool = False) -> Files:
        """The files as one call sees them; `confined` in the workspace even if other tools are not."""
        return Files(self._floor, context, confined=confined or self._confined)


class Files:
    """Asks one file system. Paths are as the model gave them. Everything raises `ToolError`."""

    def __init__(self, floor: Floor, context: ToolContext, *, confined: bool) -> None:
        self._floor = floor
        self._context = context
        self._confined = confined

    async def look(self, path: str, *, first: int, count: int, keep: int) -> Glimpse:
        """At most `keep` bytes of `count` lines from line `first`, which counts from 0."""
        done = await self._ask("look", path, first=first, count=count, keep=keep)
        return Glimpse(b64decode(done["data"]), b64decode(done["head"]), done["size"], done["total"])

    async def fetch(self, path: str, limit: int = MOST_BYTES) -> bytes:
        """The whole file."""
        return b64decode((await self._ask("fetch", path, limit=limit))["data"])

    async def listing(self, path: str, *, limit: int, after: str | None) -> tuple[list[Entry], bool]:
        """Names in the order of their bytes, and whether there are more."""
        done = await self._ask("listing", path, limit=limit, after=after)
        return [Entry(name, is_directory) for name, is_directory in done["entries"]], done["more"]

    async def commit(self, changes: Sequence[Change]) -> list[Written]:
        """All of `changes` or none."""
        for change in changes:
            if change.data is not None and len(change.data) > MOST_BYTES:
                raise ToolError(f"Too large to write: {change.path} would have {len(change.data)} bytes.")
        ground = await self._ground()
        orders = [_order(change, ground) for change in changes]
        names = {ground.locate(change.path): change.path for change in changes}
        done = await self._perform(ground, {"op": "commit", "changes": orders}, names)
        rows = zip(done["created"], done["before"], strict=True)
        return [Written(created, None if before is None else b64decode(before)) for created, before in rows]

    async def _ask(self, op: str, path: str, **more: object) -> dict[str, Any]:
        ground = await self._ground()
        place = ground.locate(path)
        return await self._perform(ground, {"op": op, "path": place, **more}, {place: path})

    async def _ground(self) -> Ground:
        return await self._floor.ground(self._context.workspace, confined=self._confined)

    async def _perform(self, ground: Ground, order: dict[str, object], names: dict[str, str]) -> dict[str, Any]:
        """The floor's answer. `names`: how the model called each path."""
        said = await self._floor.carry(self._context.workspace, json.dumps({**order, "roots": ground.roots}))
        reply: dict[str, Any] = json.loads(said)
        if (kind := reply.get("refused")) is None:
            done: dict[str, Any] = reply["done"]
            return done
        place = reply["path"] or next(iter(names))
        raise self._refusal(kind, names.get(place, place), place, reply["detail"])

    def _refusal(self, kind: str, path: str, place: str, detail: str) -> ToolError:
        if kind in ("outside", "read-only"):
            log.warning("refused to touch %s for %s: %s (%s)", place, self._context.session_key, kind, self._rule)
        if kind == "outside" and self._floor.host == "sandbox":
            return ToolDenied(
                f"Sandbox path is container-only: {path}. "
                "Use exec to access this mount; file tools require a host-backed bind mount."
            )
        if kind == "outside":
            return ToolDenied(f"Path escapes the workspace: {path}. Use a path inside the workspace.")
        if kind == "missing":
            return FileMissing(f"File not found: {path}")
        if kind == "changed":
            return FileChanged(f"{path} was changed by somebody else meanwhile. Read it again.")
        return ToolError(_words(kind, path, detail))

    @property
    def _rule(self) -> str:
        return "the sandbox's mounts" if self._floor.host == "sandbox" else "workspaceOnly of tools.fs or applyPatch"


def _order(change: Change, ground: Ground) -> dict[str, object]:
    return {
        "path": ground.locate(change.path),
        "data": None if change.data is None else b64encode(change.data).decode(),
        "new": change.new,
        "expect": None if change.over is None else hashlib.sha256(change.over).hexdigest(),
        "show": change.data is not None and change.over is None,
    }


def _words(kind: str, path: str, detail: str) -> str:
    return {
        "read-only": f"{path} is in a read-only directory of the sandbox.",
        "directory": f"{path} is a directory, not a file.",
        "file": f"{path} is a file, not a directory.",
        "not-a-directory": f"Part of the path is a file, not a directory: {path}",
        "special": f"{path} is not a regular file.",
        "links": f"Too many symbolic links: {path}",
        "large": f"{path} is too large: more than {detail} bytes. Use exec to look at parts of it.",
        "exists": f"File already exists: {path}",
        "denied": f"Permission denied: {path}",
    }.get(kind, f"{path}: {detail}")
