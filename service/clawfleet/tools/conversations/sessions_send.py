"""`sessions_send`: a message to another session, and its answer. Source: tools-and-sessions §2, §2.1 and §10."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from clawfleet.core.errors import RequestError
from clawfleet.core.messages import ToolSpec
from clawfleet.sessions.model import Session
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.failures import NoSession, OutOfReach
from clawfleet.tools.conversations.finding import check_reach, find_session
from clawfleet.tools.conversations.seats import reach_of
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.desk import Desk, Errand
from clawfleet.tools.failures import BadArguments
from clawfleet.tools.seat import Seat

WAIT_S = 30.0
MOST_WAIT_S = 3600.0


class SessionsSendArguments(Arguments):
    """What a model may ask of sessions_send."""

    message: Annotated[str, Field(min_length=1, description="What to say there.")]
    session_key: Annotated[
        str | None, Field(validation_alias="sessionKey", description="Key of the session, or its id.")
    ] = None
    label: Annotated[str | None, Field(description="Label of the session, instead of its key.")] = None
    agent_id: Annotated[
        str | None,
        Field(validation_alias="agentId", description="Agent whose main session it is, or that has the label."),
    ] = None
    timeout_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=MOST_WAIT_S,
            validation_alias="timeoutSeconds",
            description="How long to wait for the answer; 0: not.",
        ),
    ] = WAIT_S
    mode: Annotated[
        Literal["followup", "notify"],
        Field(description="`followup` starts a turn there; `notify` leaves it for the next turn. Default: followup."),
    ] = "followup"


class SessionsSendTool:
    """Lets another session of this gateway answer."""

    spec = ToolSpec(
        name="sessions_send",
        description=(
            "Send a message to another conversation of this gateway, named by sessionKey, label or agentId, and wait "
            "for the answer of the agent there. It does not write to a chat; use message for that."
        ),
        parameters=SessionsSendArguments.parameters(),
    )

    def __init__(self, desk: Desk, reach: Reach) -> None:
        self._desk = desk
        self._reach = reach

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """What became of it, as JSON. Raises `BadArguments`, `NoSession`, `OutOfReach`, `ToolDenied`."""
        asked = SessionsSendArguments.read(self.spec.name, arguments)
        key, agent_id = await self._target(asked)
        if key == self._reach.key:
            raise OutOfReach("A session cannot send to itself: its next turn would wait for this one.")
        text = f"[Inter-session message from {self._reach.key}; tool-routed, not written by a person]\n{asked.message}"
        answer: dict[str, object] = {"sessionKey": key}
        if asked.mode == "notify":
            self._desk.note(key, text)
            return _told(answer | {"status": "accepted", "mode": "notify"})
        errand = Errand(self._reach.key, context.run_id, key, agent_id, text, asked.timeout_seconds)
        heard = await self._desk.ask(errand)
        answer = {"runId": heard.run_id, **answer, "status": heard.status}
        answer["delivery"] = {"status": "skipped", "mode": "none"}  # the answer stays in the session
        if heard.text:
            answer["error" if heard.status in ("error", "timeout") else "reply"] = heard.text
        return _told(answer, is_error=heard.status == "error")

    async def _target(self, asked: SessionsSendArguments) -> tuple[str, str]:
        """The key of the session and its agent. An agent's main session need not be there yet."""
        if asked.session_key:
            session = await find_session(self._desk, self._reach, asked.session_key)
            return session.key, session.agent_id
        if asked.label:
            found = await self._labelled(asked.label, asked.agent_id)
            await check_reach(self._desk.sessions, self._reach, found)
            return found.key, found.agent_id
        if not asked.agent_id:
            raise BadArguments("sessions_send needs sessionKey, label or agentId.")
        try:
            key, agent_id = self._desk.locate("main", asked.agent_id.strip().lower())
        except RequestError as error:
            raise NoSession(f"agent {asked.agent_id} ({error.message})") from None
        if (reason := self._reach.reason_against(key, agent_id, spawned=False)) is not None:
            raise OutOfReach(f"Session {key} is out of reach: {reason}.")
        return key, agent_id

    async def _labelled(self, label: str, agent_id: str | None) -> Session:
        found = await self._desk.sessions.find_by(label=label)
        fitting = [each for each in found if agent_id in (None, each.agent_id)]
        if not fitting:
            raise NoSession(f"label {label}")
        return fitting[0]


def _told(answer: dict[str, object], *, is_error: bool = False) -> ToolResult:
    return ToolResult(json.dumps(answer, ensure_ascii=False, indent=1), is_error=is_error, details=answer)


def for_seat(seat: Seat) -> Tool | None:
    """sessions_send, where there is a desk."""
    return SessionsSendTool(seat.desk, reach_of(seat)) if seat.desk else None
