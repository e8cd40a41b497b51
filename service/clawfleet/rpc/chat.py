"""`chat.send`, `chat.history`, `chat.abort`: talking to a session. Source: protocol §11–12."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pydantic import Field

from clawfleet.agents.run import TurnInput
from clawfleet.core.errors import RequestError
from clawfleet.core.messages import Image
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.shapes import MOST_ROWS, ChatMessage, SessionDefaults, SessionRow


class Attachment(Params):
    """A picture that goes with a message; `content` is base64."""

    type: str | None = None
    mime_type: str | None = None
    file_name: str | None = None
    content: Any = None


class ChatSendParams(Params):
    """A message to a session. `idempotency_key` becomes the run's id; `timeout_ms` shortens the turn's limit.

    A limit of 0 is none.
    """

    session_key: str = Field(min_length=1, max_length=512)
    message: str
    idempotency_key: str = Field(min_length=1)
    agent_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    timeout_ms: int | None = Field(default=None, ge=0)


class ChatSendResult(Result):
    """`started`: accepted and on disk; `ok`: the same key was answered before."""

    run_id: str
    status: str


@method("chat.send", scope="operator.write")
async def send(call: Call, params: ChatSendParams) -> ChatSendResult:
    """Accept a message; when this answers, the message is on disk. What follows comes as `chat` and `agent` events."""
    key, agent_id = call.gateway.roster.locate(params.session_key, params.agent_id)
    if not params.message.strip() and not params.attachments:
        raise RequestError("invalid chat.send params: message or attachment required")
    accepted = await call.gateway.runs.accept(
        TurnInput(
            session_key=key,
            agent_id=agent_id,
            text=params.message,
            idempotency_key=params.idempotency_key,
            run_id=params.idempotency_key,
            images=tuple(_image(item) for item in params.attachments),
            timeout_s=params.timeout_ms / 1000 if params.timeout_ms else None,
        )
    )
    return ChatSendResult(run_id=accepted.input.run_id, status="started" if accepted.run else "ok")


def _image(item: Attachment) -> Image:
    if not isinstance(item.content, str) or not (item.mime_type or "").startswith("image/"):
        raise RequestError(
            f"attachment {item.file_name or '(unnamed)'} is not a base64 image",
            hint="send mimeType image/* and content",
        )
    try:
        base64.b64decode(item.content, validate=True)
    except binascii.Error as error:
        raise RequestError(f"attachment {item.file_name or '(unnamed)'} is not valid base64") from error
    return Image(item.mime_type or "image/png", item.content)


class ChatHistoryParams(Params):
    """The last `limit` messages before the newest `offset`."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None
    limit: int = Field(default=200, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=MOST_ROWS)
    max_chars: int = Field(default=200_000, ge=1, le=500_000)


class InFlightRun(Result):
    """The run under way, for a client that joins in the middle: what it has said so far."""

    run_id: str
    text: str
    started_at: int | None


class PendingInputs(Result):
    """Runs that wait behind the one under way."""

    items: list[dict[str, Any]]
    total: int


class ChatHistory(Result):
    """The answer of `chat.history`."""

    session_key: str
    session_id: str | None
    messages: list[ChatMessage]
    pending_inputs: PendingInputs
    has_more: bool
    next_offset: int | None = None
    total_messages: int
    defaults: SessionDefaults
    session_info: SessionRow | None
    in_flight_run: InFlightRun | None = None


@method("chat.history", scope="operator.read")
async def history(call: Call, params: ChatHistoryParams) -> ChatHistory:
    """Part of a session's transcript, oldest first; an unknown session is empty."""
    gateway = call.gateway
    key, _ = gateway.roster.locate(params.session_key, params.agent_id)
    page = await gateway.sessions.history(key, limit=params.limit, offset=params.offset)
    live = gateway.runs.live(key)
    running = next((run for run in live if run.started_at_ms is not None), None)
    waiting = [run for run in live if run is not running]
    end = params.offset + len(page.entries)
    return ChatHistory(
        session_key=key,
        session_id=page.session.session_id if page.session else None,
        messages=[ChatMessage.of(entry, params.max_chars) for entry in page.entries],
        pending_inputs=PendingInputs(items=[{"runId": run.run_id} for run in waiting], total=len(waiting)),
        has_more=end < page.total,
        next_offset=end if end < page.total else None,
        total_messages=page.total,
        defaults=SessionDefaults.of(gateway),
        session_info=SessionRow.of(page.session, gateway) if page.session else None,
        in_flight_run=InFlightRun(run_id=running.run_id, text=running.text, started_at=running.started_at_ms)
        if running
        else None,
    )


class ChatAbortParams(Params):
    """One run of a session, or all of them."""

    session_key: str = Field(min_length=1)
    run_id: str | None = None
    agent_id: str | None = None


class ChatAbortResult(Result):
    """`aborted` is False when nothing was running; that is no error."""

    ok: bool
    aborted: bool
    run_ids: list[str]


@method("chat.abort", scope="operator.write")
async def abort(call: Call, params: ChatAbortParams) -> ChatAbortResult:
    """Stop what runs in a session; what was said so far stays in its history."""
    key, _ = call.gateway.roster.locate(params.session_key, params.agent_id)
    stopped = call.gateway.runs.abort(session_key=key, run_id=params.run_id)
    return ChatAbortResult(ok=True, aborted=bool(stopped), run_ids=list(stopped))
