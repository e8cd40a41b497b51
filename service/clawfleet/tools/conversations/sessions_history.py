"""`sessions_history`: what was said in a session. Source: tools-and-sessions §2 and §10."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from clawfleet.core.messages import ToolSpec
from clawfleet.secrets.redact import Redactor
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Page
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.failures import NoSession
from clawfleet.tools.conversations.finding import find_session
from clawfleet.tools.conversations.rows import history_of
from clawfleet.tools.conversations.seats import reach_of, redactor_of
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.desk import Desk
from clawfleet.tools.seat import Seat


class SessionsHistoryArguments(Arguments):
    """What a model may ask of sessions_history."""

    session_key: Annotated[
        str, Field(min_length=1, validation_alias="sessionKey", description="Key of the session, its id, or `current`.")
    ]
    limit: Annotated[int, Field(ge=1, le=1000, description="Newest messages, 1 to 1000; default 50.")] = 50
    offset: Annotated[int, Field(ge=0, description="Newest messages to leave out.")] = 0
    include_tools: Annotated[
        bool, Field(validation_alias="includeTools", description="With tool calls and their results.")
    ] = False
    message_id: Annotated[
        str | None, Field(validation_alias="messageId", description="Messages around this one instead of the newest.")
    ] = None
    session_id: Annotated[
        str | None, Field(validation_alias="sessionId", description="Only when the session still has this id.")
    ] = None


class SessionsHistoryTool:
    """Reads transcripts, bounded and without secrets."""

    spec = ToolSpec(
        name="sessions_history",
        description="Read the transcript of a conversation, oldest message first; long texts are cut.",
        parameters=SessionsHistoryArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, desk: Desk, reach: Reach, redactor: Redactor) -> None:
        self._desk = desk
        self._reach = reach
        self._redactor = redactor

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The messages as JSON. Raises `BadArguments`, `NoSession`, `OutOfReach`."""
        asked = SessionsHistoryArguments.read(self.spec.name, arguments)
        session = await find_session(self._desk, self._reach, asked.session_key)
        if asked.session_id not in (None, session.session_id):
            raise NoSession(f"{session.key} with the id {asked.session_id}; it began anew since")
        page, offset = await self._page(asked, session)
        history = history_of(page.entries, self._redactor.redact, with_tools=asked.include_tools)
        end = offset + len(page.entries)
        answer: dict[str, object] = {
            "sessionKey": session.key,
            "sessionId": session.session_id,
            "messages": history.messages,
            "truncated": history.dropped > 0 or history.cut or end < page.total,
            "droppedMessages": history.dropped,
            "contentTruncated": history.cut,
            "contentRedacted": history.redacted,
            "bytes": history.bytes,
            "pendingInputs": [],
            "running": self._desk.is_running(session.key),
        }
        if end < page.total:
            answer["nextOffset"] = end
        return ToolResult(json.dumps(answer, ensure_ascii=False, indent=1), details=answer)

    async def _page(self, asked: SessionsHistoryArguments, session: Session) -> tuple[Page, int]:
        """The page, and how many newer entries there are behind it."""
        sessions, offset = self._desk.sessions, asked.offset
        if asked.message_id is not None:
            entry = await sessions.entry(asked.message_id)
            if entry is None or entry.session_id != session.session_id:
                raise NoSession(f"message {asked.message_id} in {session.key}")
            newest = (await sessions.history(session.key, limit=1)).total
            offset = max(0, newest - entry.seq - asked.limit // 2)
        return await sessions.history(session.key, limit=asked.limit, offset=offset), offset


def for_seat(seat: Seat) -> Tool | None:
    """sessions_history, where there is a desk."""
    return SessionsHistoryTool(seat.desk, reach_of(seat), redactor_of(seat)) if seat.desk else None
