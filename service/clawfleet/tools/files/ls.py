"""`ls`: names in a directory. Source: tools-and-sessions §2 and §2.1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments, Plain
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.seat import Seat

MOST_NAMES = 5_000


class LsArguments(Arguments):
    """What a model may ask of ls."""

    path: Annotated[Plain, Field(description="Directory; default: the workspace.")] = "."
    limit: Annotated[float, Field(ge=1, description="Most names.")] = 500
    after: Annotated[Plain | None, Field(description="Go on behind this name.")] = None


class LsTool:
    """Lists directories of the session."""

    spec = ToolSpec(
        name="ls",
        description="List a directory, hidden names too: one JSON string a line; a directory's name ends in /.",
        parameters=LsArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, access: FileAccess) -> None:
        self._access = access

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The names in the order of their bytes. Raises `ToolError`."""
        asked = LsArguments.read(self.spec.name, arguments)
        limit = min(int(asked.limit), MOST_NAMES)
        entries, more = await self._access.of(context).listing(asked.path or ".", limit=limit, after=asked.after)
        text = "\n".join(json.dumps(each.name + "/" * each.is_directory, ensure_ascii=False) for each in entries)
        if more:
            last = json.dumps(entries[-1].name, ensure_ascii=False)
            text += f"\n\n[More names. Go on with the same path and after={last}.]"
        return ToolResult(text or "(empty directory)", details={"content": text})


def for_seat(seat: Seat) -> LsTool:
    """Every session can list."""
    return LsTool(seat.files)
