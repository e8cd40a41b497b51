"""The files of a workspace, for people: the few that shape the agent, and the rest to look at. Blocks on the disk.

Nothing outside the workspace is read or written, wherever names and links point.
"""

from __future__ import annotations

import mimetypes
import os
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clawfleet.core.errors import HostError, RequestError
from clawfleet.store.files import write_private

SHAPING = ("AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md", "BOOTSTRAP.md", "HEARTBEAT.md", "MEMORY.md")
"""The files that shape an agent; clients edit these and no others."""

OFTEN_ABSENT = frozenset({"SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md", "HEARTBEAT.md", "MEMORY.md"})
MAX_BYTES = 1024 * 1024
"""The largest file that is read or written over the wire."""


class NoSuchName(RequestError):
    """The name is none of the files that shape an agent."""

    code = "AGENT_FILE_UNSUPPORTED"

    def __init__(self, name: str) -> None:
        super().__init__(f'unsupported file "{name}"', hint=f"there are: {', '.join(SHAPING)}")


class Outside(RequestError):
    """The path leads out of the workspace."""

    code = "OUTSIDE_WORKSPACE"

    def __init__(self, path: str) -> None:
        super().__init__(f'"{path}" is not inside the workspace', hint="name a path relative to the workspace")


class NotThere(RequestError):
    """There is nothing of that name, or it is of another kind."""

    code = "WORKSPACE_PATH_NOT_FOUND"

    def __init__(self, path: str, kind: str) -> None:
        super().__init__(f'no {kind} "{path}" in the workspace')


class FileTooLarge(RequestError):
    """The file is more than the wire carries at once."""

    code = "FILE_TOO_LARGE"

    def __init__(self, name: str, size: int) -> None:
        super().__init__(f"{name} has {size} bytes; {MAX_BYTES} are the most")


class FileUnusable(HostError):
    """The operating system refused, or the file is no text."""

    code = "FILE_UNUSABLE"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or directory. `path` is relative to the workspace, with slashes."""

    path: str
    kind: Literal["file", "directory"]
    size: int
    updated_at_ms: int


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it goes over the wire."""

    entry: Entry
    mime_type: str
    encoding: Literal["utf8", "base64"]
    text: str


def shaping_file(workspace: Path, name: str) -> Entry | None:
    """One of the files that shape the agent; None when it is not there. Raises `NoSuchName`, `Outside`."""
    path = _shaping(workspace, name)
    return _entry(workspace, path) if path.is_file() else None


def read_shaping(workspace: Path, name: str) -> tuple[Entry, str] | None:
    """One of those files with its text; None when it is not there.

    Raises `NoSuchName`, `Outside`, `FileTooLarge`, `FileUnusable`.
    """
    if (entry := shaping_file(workspace, name)) is None:
        return None
    try:
        return entry, _bytes(workspace / name, name).decode()
    except UnicodeDecodeError as error:
        raise FileUnusable(f"{name} is not UTF-8 text") from error


def write_shaping(workspace: Path, name: str, text: str) -> Entry:
    """Write one of those files, whole or not at all. Raises `NoSuchName`, `Outside`, `FileTooLarge`, `FileUnusable`."""
    path, content = _shaping(workspace, name), text.encode()
    if len(content) > MAX_BYTES:
        raise FileTooLarge(name, len(content))
    try:
        workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path.resolve(), content)
    except OSError as error:
        raise FileUnusable(f"cannot write {path}: {error.strerror}", hint="check who owns the workspace") from error
    return _entry(workspace, path)


def browse(workspace: Path, path: str) -> list[Entry]:
    """What a directory of the workspace holds, directories first. Raises `Outside`, `NotThere`."""
    folder = _inside(workspace, path)
    if not folder.is_dir():
        if not path.strip("/."):
            return []  # a workspace is made by its first turn
        raise NotThere(path, "directory")
    found: list[Entry] = []
    with os.scandir(folder) as rows:
        for row in rows:
            here = Path(row.path)
            if here.resolve().is_relative_to(workspace.resolve()) and (row.is_file() or row.is_dir()):
                found.append(_entry(workspace, here))
    return sorted(found, key=lambda entry: (entry.kind != "directory", entry.path))


def read_any(workspace: Path, path: str) -> Content:
    """A file of the workspace. Raises `Outside`, `NotThere`, `FileTooLarge`, `FileUnusable`."""
    file = _inside(workspace, path)
    if not file.is_file():
        raise NotThere(path, "file")
    data, entry = _bytes(file, path), _entry(workspace, file)
    mime_type = mimetypes.guess_type(file.name)[0]
    try:
        return Content(entry, mime_type or "text/plain", "utf8", data.decode())
    except UnicodeDecodeError:
        return Content(entry, mime_type or "application/octet-stream", "base64", b64encode(data).decode())


def _shaping(workspace: Path, name: str) -> Path:
    if name not in SHAPING:
        raise NoSuchName(name)
    return _inside(workspace, name)


def _inside(workspace: Path, path: str) -> Path:
    """`path` in the workspace as it is written. Raises `Outside`."""
    if "\0" in path:
        raise Outside(path)
    place = workspace / path.strip("/")
    if path.startswith("~") or not place.resolve().is_relative_to(workspace.resolve()):
        raise Outside(path)
    return Path(os.path.normpath(place))


def _entry(workspace: Path, path: Path) -> Entry:
    try:
        info = path.stat()
    except OSError as error:
        raise FileUnusable(f"cannot look at {path.name}: {error.strerror}") from error
    shown = path.relative_to(Path(os.path.normpath(workspace))).as_posix()
    kind: Literal["file", "directory"] = "directory" if path.is_dir() else "file"
    return Entry(shown, kind, info.st_size, info.st_mtime_ns // 1_000_000)


def _bytes(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileUnusable(f"cannot read {name}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise FileTooLarge(name, path.stat().st_size)
    return data
