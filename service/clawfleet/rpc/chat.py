"""`chat.send`, `sessions.send`, `chat.abort`, `chat.inject`: talking to a session. Source: protocol §11–12."""

from __future__ import annotations

import time
from typing import Any, Literal

from pydantic import Field

from clawfleet.agents.commands.stop import STOP
from clawfleet.agents.commands.table import recognise
from clawfleet.agents.run import TurnInput
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Message, Usage
from clawfleet.models.thinking import checked
from clawfleet.protocol.scopes import ADMIN
from clawfleet.rpc.attachments import Attachment, images_of
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.rpc.sessions.changing import existing
from clawfleet.rpc.sessions.patching import SessionChanged
from clawfleet.sessions.lifecycle import NewSession
from clawfleet.sessions.model import Note


class ChatSendParams(Params):
    """A message to a session. `idempotency_key` becomes the run's id; `timeout_ms` shortens the turn's limit.

    A limit of 0 is none. `session_id` is the session that the client means: another one by now is an error. A text
    like `/status` is a command unless `suppress_command_interpretation`.
    """

    session_key: str = Field(min_length=1, max_length=512)
    message: str
    idempotency_key: str = Field(min_length=1)
    agent_id: str | None = None
    session_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    timeout_ms: int | None = Field(default=None, ge=0)
    thinking: str | None = None
    suppress_command_interpretation: bool = False


class ServerTiming(Result):
    """How long the acknowledgement took, and of that the look at the session."""

    received_to_ack_ms: float
    load_session_ms: float


class ChatSendResult(Result):
    """`started`: accepted and on disk; `ok`: the same key was answered before.

    `message_seq` and `server_timing` are for pages, which show a message as soon as it is taken.
    """

    run_id: str
    status: str
    message_seq: int | None = None
    server_timing: ServerTiming | None = None


class ChatAbortResult(Result):
    """`aborted` is False when nothing was running; that is no error."""

    ok: bool
    aborted: bool
    run_ids: list[str]


@method("chat.send", scope="operator.write")
async def send(call: Call, params: ChatSendParams) -> ChatSendResult | ChatAbortResult:
    """Accept a message; when this answers, the message is on disk. What follows comes as `chat` and `agent` events."""
    began = time.perf_counter()
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.session_key, params.agent_id)
    if not params.message.strip() and not params.attachments:
        raise RequestError("invalid chat.send params: message or attachment required")
    may_command = not params.suppress_command_interpretation and not params.attachments
    known = recognise(params.message) if may_command else None
    if known is not None and known[0] is STOP:
        stopped = gateway.runs.abort(session_key=key, reason="stop")
        return ChatAbortResult(ok=True, aborted=bool(stopped), run_ids=list(stopped))
    loading = time.perf_counter()
    if params.session_id is not None:
        session = await gateway.sessions.find(key)
        if session is not None and session.session_id != params.session_id:
            raise SessionChanged(key)
    loaded = time.perf_counter()
    accepted = await gateway.runs.accept(
        TurnInput(
            session_key=key,
            agent_id=agent_id,
            text=params.message,
            idempotency_key=params.idempotency_key,
            run_id=params.idempotency_key,
            images=images_of(params.attachments),
            timeout_s=params.timeout_ms / 1000 if params.timeout_ms else None,
            thinking=await _level(call, key, agent_id, params.thinking),
            requester=call.caller.requester,
            may_command=may_command,
        )
    )
    if accepted.run is None or call.caller.client.mode not in ("webchat", "ui"):
        return ChatSendResult(run_id=accepted.input.run_id, status="started" if accepted.run else "ok")
    return ChatSendResult(
        run_id=accepted.input.run_id,
        status="started",
        message_seq=accepted.seq,
        server_timing=ServerTiming(
            received_to_ack_ms=_ms(time.perf_counter() - began), load_session_ms=_ms(loaded - loading)
        ),
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


async def _level(call: Call, key: str, agent_id: str, level: str | None) -> str | None:
    if not level or level == "default":
        return None
    catalog, session = call.gateway.models.catalog, await call.gateway.sessions.find(key)
    chosen = session.choices.model if session else None
    ref = catalog.resolve(chosen, agent_id) if chosen else catalog.default(agent_id)
    return checked(level, catalog.row(ref))


class SessionsSendParams(Params):
    """A message to a session that is there."""

    key: str = Field(min_length=1, max_length=512)
    message: str
    agent_id: str | None = None
    idempotency_key: str | None = Field(default=None, min_length=1)
    thinking: str | None = None
    attachments: tuple[Attachment, ...] = ()
    timeout_ms: int | None = Field(default=None, ge=0)


@method("sessions.send", scope="operator.write")
async def send_to_session(call: Call, params: SessionsSendParams) -> ChatSendResult | ChatAbortResult:
    """Accept a message to a session that is there, as `chat.send` does."""
    key, _ = call.gateway.roster.locate(params.key, params.agent_id)
    await existing(call, key)
    asked = ChatSendParams(
        session_key=key,
        message=params.message,
        idempotency_key=params.idempotency_key or new_id(),
        attachments=params.attachments,
        timeout_ms=params.timeout_ms,
        thinking=params.thinking,
    )
    answer: ChatSendResult | ChatAbortResult = await send(call, asked)
    if isinstance(answer, ChatAbortResult):
        return answer
    return ChatSendResult(run_id=answer.run_id, status=answer.status)


class ChatAbortParams(Params):
    """One run of a session, or all of them."""

    session_key: str = Field(min_length=1)
    run_id: str | None = None
    agent_id: str | None = None


@method("chat.abort", scope="operator.write")
async def abort(call: Call, params: ChatAbortParams) -> ChatAbortResult:
    """Stop what runs in a session; what was said so far stays in its history."""
    key, _ = call.gateway.roster.locate(params.session_key, params.agent_id)
    stopped = call.gateway.runs.abort(session_key=key, run_id=params.run_id)
    return ChatAbortResult(ok=True, aborted=bool(stopped), run_ids=list(stopped))


class InjectParams(Params):
    """A note for a session's transcript; `label` is its heading."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None
    message: str = Field(min_length=1)
    label: str | None = Field(default=None, max_length=100)


class Injected(Result):
    """The message that was put in."""

    ok: Literal[True] = True
    message_id: str


@method("chat.inject", scope=ADMIN, advertised=False)
async def inject(call: Call, params: InjectParams) -> Injected:
    """Put a note into a transcript as if the agent had said it; no model is asked."""
    sessions = call.gateway.sessions
    key, agent_id = call.gateway.roster.locate(params.session_key, params.agent_id)
    session, _ = await sessions.create(NewSession(key, agent_id))
    text = f"[{params.label}]\n\n{params.message}" if params.label else params.message
    note = Note("openclaw", "gateway-injected", "stop", kind="injected", label=params.label, usage=Usage())
    (entry,) = await sessions.append(session.session_id, None, (Message("assistant", text),), note)
    event: dict[str, Any] = {
        "runId": f"inject-{entry.entry_id}",
        "sessionKey": key,
        "agentId": agent_id,
        "seq": 0,
        "state": "final",
        "message": {"role": "assistant", "content": [{"type": "text", "text": text}], "timestamp": entry.at_ms},
    }
    call.gateway.clients.tell("chat", event)
    return Injected(message_id=entry.entry_id)
