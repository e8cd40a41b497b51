"""`write`: a whole text file, made or replaced. Source: tools-and-sessions §2 and §2.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments, FilePath
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.files.access import Change, FileAccess
from clawfleet.tools.files.changes import details_of
from clawfleet.tools.seat import Seat


class WriteArguments(Arguments):
    """What a model may ask of write."""

    path: FilePath
    content: Annotated[str, Field(description="The whole content of the file.")]


class WriteTool:
    """Writes files of the session."""

    spec = ToolSpec(
        name="write",
        description="Write a text file: made with its directories when missing, else replaced as a whole.",
        parameters=WriteArguments.parameters(),
    )

    def __init__(self, access: FileAccess) -> None:
        self._access = access

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """How much was written. A reader sees the old content or the new, never a part. Raises `ToolError`."""
        asked = WriteArguments.read(self.spec.name, arguments)
        data = asked.content.encode("utf-8", "replace")
        async with self._access.changing:
            (written,) = await self._access.of(context).commit([Change(asked.path, data)])
        before = (written.before or b"").decode("utf-8", "replace")
        details = details_of(asked.path, before, asked.content, created=written.created)
        return ToolResult(f"Successfully wrote {len(data)} bytes to {asked.path}", details=details)


def for_seat(seat: Seat) -> WriteTool | None:
    """Not where nothing can be written."""
    return WriteTool(seat.files) if seat.files.writable else None
