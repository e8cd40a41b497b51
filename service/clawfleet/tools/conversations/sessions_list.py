"""`sessions_list`: the sessions that this one may reach. Source: tools-and-sessions §2 and §10."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from clawfleet.core.clock import now_ms
from clawfleet.core.messages import ToolSpec
from clawfleet.secrets.redact import Redactor
from clawfleet.sessions.lists import Wanted
from clawfleet.sessions.model import Session
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.finding import descends
from clawfleet.tools.conversations.rows import Kind, history_of, is_subagent, kind_of, session_row
from clawfleet.tools.conversations.seats import reach_of, redactor_of
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.desk import Desk
from clawfleet.tools.seat import Seat

MOST_ROWS = 200
MOST_SCANNED = 1_000
MOST_MESSAGES = 20
MINUTE_MS = 60_000


class SessionsListArguments(Arguments):
    """What a model may ask of sessions_list."""

    kinds: Annotated[list[Kind], Field(default_factory=list, description="Only these kinds.")]
    limit: Annotated[int, Field(ge=1, description="Most rows, at most 200; default 100.")] = 100
    offset: Annotated[int, Field(ge=0, description="Rows to leave out.")] = 0
    active_minutes: Annotated[
        int | None, Field(ge=1, validation_alias="activeMinutes", description="Changed within so many minutes.")
    ] = None
    active_only: Annotated[bool, Field(validation_alias="activeOnly", description="Only those that work now.")] = False
    exclude_subagents: Annotated[
        bool, Field(validation_alias="excludeSubagents", description="Without those of subagents.")
    ] = False
    message_limit: Annotated[
        int, Field(ge=0, le=MOST_MESSAGES, validation_alias="messageLimit", description="Newest messages of each.")
    ] = 0
    label: Annotated[str | None, Field(description="Only that of this label.")] = None
    agent_id: Annotated[
        str | None, Field(validation_alias=AliasChoices("agentId"), description="Only those of this agent.")
    ] = None
    search: Annotated[str | None, Field(description="Only those with this in key, label, title or last message.")] = (
        None
    )
    archived: Annotated[bool | Literal["all"], Field(description="Archived ones, or all.")] = False
    include_derived_titles: Annotated[
        bool, Field(validation_alias="includeDerivedTitles", description="With the beginning of the first question.")
    ] = False
    include_last_message: Annotated[
        bool, Field(validation_alias="includeLastMessage", description="With the beginning of the last message.")
    ] = False
    group: Annotated[str | None, Field(description="Only those of this sidebar group.")] = None
    pinned: Annotated[bool | None, Field(description="Only pinned ones, or only others.")] = None


class SessionsListTool:
    """Lists what one session may reach."""

    spec = ToolSpec(
        name="sessions_list",
        description="List conversations of this gateway that this session may reach, newest first.",
        parameters=SessionsListArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, desk: Desk, reach: Reach, redactor: Redactor) -> None:
        self._desk = desk
        self._reach = reach
        self._redactor = redactor

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The rows as JSON. Raises `BadArguments`."""
        asked = SessionsListArguments.read(self.spec.name, arguments)
        limit = min(asked.limit, MOST_ROWS)
        found, total, _ = await self._desk.sessions.listed(_wanted(asked), limit=MOST_SCANNED)
        seen = [session for session in found if self._fits(asked, session) and await self._is_seen(session)]
        page = seen[asked.offset : asked.offset + limit]
        end = asked.offset + len(page)
        answer: dict[str, object] = {
            "count": len(page),
            "limitApplied": limit,
            "hasMore": end < len(seen) or total > MOST_SCANNED,
            "visibility": self._visibility(),
            "sessions": [await self._row(asked, session) for session in page],
        }
        if end < len(seen):
            answer["nextOffset"] = end
        return ToolResult(json.dumps(answer, ensure_ascii=False, indent=1), details=answer)

    def _fits(self, asked: SessionsListArguments, session: Session) -> bool:
        return (
            (not asked.kinds or kind_of(session.key) in asked.kinds)
            and (not asked.exclude_subagents or not is_subagent(session.key))
            and (not asked.active_only or self._desk.is_running(session.key))
            and (asked.group is None or (session.choices.category or "") == asked.group)
            and (asked.pinned is None or (session.pinned_at_ms is not None) is asked.pinned)
        )

    async def _is_seen(self, session: Session) -> bool:
        reach = self._reach
        if reach.reason_against(session.key, session.agent_id, spawned=False) is None:
            return True
        spawned = await descends(self._desk.sessions, session, reach.key)
        return reach.reason_against(session.key, session.agent_id, spawned=spawned) is None

    def _visibility(self) -> dict[str, object]:
        reach = self._reach
        if reach.mode == "all":
            return {"mode": reach.mode, "restricted": False}
        return {
            "mode": reach.mode,
            "restricted": True,
            "warning": "Sessions beyond this reach are not listed; to widen it: tools.sessions.visibility.",
        }

    async def _row(self, asked: SessionsListArguments, session: Session) -> dict[str, object]:
        row = session_row(session, running=self._desk.is_running(session.key))
        if asked.include_derived_titles and session.title:
            row["derivedTitle"] = self._redactor.redact(session.title)
        if asked.include_last_message and session.preview:
            row["lastMessagePreview"] = self._redactor.redact(session.preview)
        if asked.message_limit:
            page = await self._desk.sessions.history(session.key, limit=asked.message_limit)
            row["messages"] = history_of(page.entries, self._redactor.redact, with_tools=False).messages
        return row


def _wanted(asked: SessionsListArguments) -> Wanted:
    return Wanted(
        agent_ids=(asked.agent_id.strip().lower(),) if asked.agent_id else None,
        archived=None if asked.archived == "all" else asked.archived,
        label=asked.label,
        search=asked.search,
        since_ms=now_ms() - asked.active_minutes * MINUTE_MS if asked.active_minutes else None,
    )


def for_seat(seat: Seat) -> Tool | None:
    """sessions_list, where there is a desk."""
    return SessionsListTool(seat.desk, reach_of(seat), redactor_of(seat)) if seat.desk else None
