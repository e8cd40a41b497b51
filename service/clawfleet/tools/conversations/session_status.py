"""`session_status`: the card of a session, and which model answers in it. Source: tools-and-sessions §2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from clawfleet.core.errors import GatewayError, ToolError
from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.finding import CURRENT, find_session
from clawfleet.tools.conversations.seats import reach_of
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.desk import Desk
from clawfleet.tools.seat import Seat


class SessionStatusArguments(Arguments):
    """What a model may ask of session_status."""

    session_key: Annotated[
        str, Field(min_length=1, validation_alias="sessionKey", description="Key of the session; default: this one.")
    ] = CURRENT
    model: Annotated[
        str | None, Field(description="Let this model answer there from its next turn on; `default` clears that.")
    ] = None


class SessionStatusTool:
    """Shows and, if asked, changes which model answers."""

    spec = ToolSpec(
        name="session_status",
        description="Show a conversation's status: model, tokens, context, what runs. Can set its model.",
        parameters=SessionStatusArguments.parameters(),
    )

    def __init__(self, desk: Desk, reach: Reach) -> None:
        self._desk = desk
        self._reach = reach

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The card as text. Raises `BadArguments`, `NoSession`, `OutOfReach`, `ToolError` for a model of no use."""
        asked = SessionStatusArguments.read(self.spec.name, arguments)
        session = await find_session(self._desk, self._reach, asked.session_key)
        details: dict[str, object] = {"sessionKey": session.key}
        if asked.model:
            wanted = None if asked.model.strip() == "default" else asked.model.strip()
            try:
                details["model"] = await self._desk.choose_model(session, wanted)
            except ToolError:
                raise
            except GatewayError as error:
                raise ToolError(f"The model stays as it is: {error.message}", hint=error.hint) from None
            session = await find_session(self._desk, self._reach, session.key)
        return ToolResult(await self._desk.status(session), details=details)


def for_seat(seat: Seat) -> Tool | None:
    """session_status, where there is a desk."""
    return SessionStatusTool(seat.desk, reach_of(seat)) if seat.desk else None
