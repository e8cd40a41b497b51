"""`read`: part of a text file, or a picture. Source: tools-and-sessions §2, §2.1 and §16.20."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from clawfleet.core.errors import ToolError
from clawfleet.core.messages import Image, ToolSpec
from clawfleet.tools.arguments import Arguments, FilePath
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.files.access import FileAccess, FileMissing, Files, Glimpse
from clawfleet.tools.seat import Seat

MOST_LINES = 2_000
MOST_BYTES = 50 * 1024
MOST_IMAGE_BYTES = 5 * 1024 * 1024
CURSOR_BYTES = 4
"""Longest character in UTF-8."""


class ReadArguments(Arguments):
    """What a model may ask of read."""

    path: FilePath
    offset: Annotated[int | None, Field(ge=1, description="First line, from 1.")] = None
    limit: Annotated[float | None, Field(ge=1, description="Most lines.")] = None
    cursor: Annotated[int, Field(ge=0, description="Characters of the first line to skip.")] = 0
    optional: Annotated[Literal[True] | None, Field(description="A missing file is no error.")] = None


class ReadTool:
    """Reads one file of the session."""

    spec = ToolSpec(
        name="read",
        description=(
            f"Read a text file, at most {MOST_LINES} lines or {MOST_BYTES // 1024} KB at once; "
            "offset and limit choose the lines. A picture (png, jpeg, gif, webp) is shown."
        ),
        parameters=ReadArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, access: FileAccess) -> None:
        self._access = access

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The text as it stands in the file, and a note when there is more. Raises `ToolError`."""
        asked = ReadArguments.read(self.spec.name, arguments)
        files = self._access.of(context)
        count = min(int(asked.limit or MOST_LINES), MOST_LINES)
        first, keep = (asked.offset or 1) - 1, asked.cursor * CURSOR_BYTES + MOST_BYTES + CURSOR_BYTES
        try:
            seen = await files.look(asked.path, first=first, count=count, keep=keep)
        except FileMissing as missing:
            if asked.optional is None:
                raise
            return ToolResult(missing.message, details={"kind": "not_found"})
        if kind := image_type(seen.head):
            return await _picture(files, asked.path, kind, seen.size)
        if b"\0" in seen.head:
            raise ToolError(
                f"Cannot read {asked.path}: it is a binary file ({seen.size} bytes). Use exec to inspect it."
            )
        return _page(asked, seen, first, count)


def for_seat(seat: Seat) -> ReadTool:
    """Every session can read."""
    return ReadTool(seat.files)


def image_type(head: bytes) -> str | None:
    """The media type of a picture that models can see, by its first bytes; None for anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


async def _picture(files: Files, path: str, kind: str, size: int) -> ToolResult:
    if size > MOST_IMAGE_BYTES:
        raise ToolError(f"Cannot show {path}: the picture has {size} bytes, more than {MOST_IMAGE_BYTES}.")
    picture = Image(kind, b64encode(await files.fetch(path, MOST_IMAGE_BYTES)).decode())
    return ToolResult(f"Read image file [{kind}]", details={"kind": "image", "mimeType": kind}, images=(picture,))


def _page(asked: ReadArguments, seen: Glimpse, first: int, count: int) -> ToolResult:
    """The lines that fit, whole; of a line that alone does not fit, its part from the cursor."""
    if first and 0 <= seen.total <= first:
        raise ToolError(f"Offset {first + 1} is beyond the end of {asked.path} ({seen.total} lines).")
    lines = seen.data.decode("utf-8", "replace").splitlines(keepends=True) if seen.data else []
    lines = _rejoined(lines)
    if asked.cursor:
        if asked.cursor >= len(lines[0].rstrip("\n")) if lines else True:
            raise ToolError(f"Cursor {asked.cursor} is beyond the end of line {first + 1} of {asked.path}.")
        lines[0] = lines[0][asked.cursor :]
    shown, room = 0, MOST_BYTES
    while shown < len(lines) and len(lines[shown].encode()) <= room:
        room -= len(lines[shown].encode())
        shown += 1
    if lines and not shown:
        part = lines[0].encode()[:MOST_BYTES].decode("utf-8", "ignore")
        at = asked.cursor + len(part)
        note = f"[Showing part of line {first + 1} ({MOST_BYTES // 1024} KB limit). "
        return _result(part, f"{note}Use offset={first + 1}, cursor={at} to continue.]")
    text, end = "".join(lines[:shown]), first + shown
    if 0 <= seen.total <= end:
        return _result(text, None)
    if asked.limit is not None and shown >= count and seen.total >= 0:
        rest = seen.total - end
        return _result(text, f"[{rest} more line{'s' if rest > 1 else ''} in file. Use offset={end + 1} to continue.]")
    total = seen.total if seen.total >= 0 else "many"
    limit = "" if shown >= count else f" ({MOST_BYTES // 1024} KB limit)"
    return _result(text, f"[Showing lines {first + 1}-{end} of {total}{limit}. Use offset={end + 1} to continue.]")


def _rejoined(lines: list[str]) -> list[str]:
    """Only a line feed ends a line, as for the count of lines."""
    joined: list[str] = []
    for line in lines:
        if joined and not joined[-1].endswith("\n"):
            joined[-1] += line
        else:
            joined.append(line)
    return joined


def _result(text: str, note: str | None) -> ToolResult:
    if note is None:
        return ToolResult(text or "(empty file)", details={"kind": "text", "content": text})
    gap = "\n" if text.endswith("\n") else "\n\n"
    return ToolResult(f"{text}{gap}{note}", details={"kind": "truncated", "content": text})
