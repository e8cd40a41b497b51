"""`sessions_yield`: the turn ends here, and the next message is what it waited for. Source: tools-and-sessions §2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.seat import Seat

SILENT = "NO_REPLY"


class SessionsYieldArguments(Arguments):
    """What a model may ask of sessions_yield."""

    wait_for: Annotated[Literal["message"], Field(validation_alias="waitFor", description="What to wait for.")] = (
        "message"
    )
    message: Annotated[str | None, Field(description="Note to yourself: what to go on with.")] = None
    acknowledgment: Annotated[str | None, Field(description="What the user is told meanwhile; default: nothing.")] = (
        None
    )


class SessionsYieldTool:
    """Ends a turn that waits for a subagent."""

    spec = ToolSpec(
        name="sessions_yield",
        description="End this turn and wait for the next message, such as the result of a subagent.",
        parameters=SessionsYieldArguments.parameters(),
    )

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The note, and the end of the turn. Raises `BadArguments`."""
        asked = SessionsYieldArguments.read(self.spec.name, arguments)
        told = asked.message or "Waiting for the next message."
        return ToolResult(
            told, details={"status": "yielded"}, last_words=(asked.acknowledgment or "").strip() or SILENT
        )


def for_seat(seat: Seat) -> Tool | None:
    """sessions_yield, where there is somebody to wait for."""
    return SessionsYieldTool() if seat.desk else None
