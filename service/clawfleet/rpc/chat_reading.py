"""`chat.history`, `chat.startup`, `chat.message.get`, `chat.metadata`: what was said. Source: protocol §11–12, §14."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Literal

from pydantic import Field

from clawfleet.agents.run import Run
from clawfleet.rpc.call import Call
from clawfleet.rpc.commands import CommandsListParams, list_commands
from clawfleet.rpc.models import ModelsListParams, list_models
from clawfleet.rpc.registry import Params, Result, method, to_wire
from clawfleet.rpc.shapes import MOST_ROWS, ChatMessage, SessionDefaults, SessionMessage, SessionRow
from clawfleet.sessions.model import Entry
from clawfleet.sessions.sessions import Page

MOST_DELTA = 200
"""Messages behind a cursor; who is further behind reads the whole page again."""


class ChatHistoryParams(Params):
    """The last `limit` messages before the newest `offset`, or what came behind `cursor`."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None
    limit: int = Field(default=200, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=MOST_ROWS)
    max_chars: int = Field(default=200_000, ge=1, le=500_000)
    max_bytes: int | None = Field(default=None, ge=1)
    cursor: str | None = None


class InFlightRun(Result):
    """The run under way, for a client that joins in the middle: what it has said so far."""

    run_id: str
    text: str
    started_at: int | None = None
    events: list[dict[str, Any]]

    @classmethod
    def of(cls, run: Run) -> InFlightRun:
        """How far `run` is."""
        return cls(run_id=run.run_id, text=run.text, started_at=run.started_at_ms, events=[])


class PendingInput(Result):
    """A message whose run waits behind the one under way."""

    id: str
    accepted_at: int
    state: Literal["queued"] = "queued"
    message: ChatMessage
    run_id: str


class PendingInputs(Result):
    """Messages whose runs wait; they are left out of `messages`."""

    items: list[PendingInput]
    total: int


class ChatHistory(Result):
    """The answer of `chat.history`: a page, or (`kind` is `delta`) what came behind a cursor."""

    kind: Literal["delta"] | None = None
    session_key: str | None = None
    session_id: str | None = None
    messages: list[ChatMessage] | list[SessionMessage]
    pending_inputs: PendingInputs
    delta_cursor: str | None = None
    has_more: bool | None = None
    next_offset: int | None = None
    total_messages: int | None = None
    defaults: SessionDefaults | None = None
    session_info: SessionRow | None = None
    in_flight_run: InFlightRun | None = None


@method("chat.history", scope="operator.read")
async def history(call: Call, params: ChatHistoryParams) -> ChatHistory:
    """Part of a session's transcript, oldest first; an unknown session is empty."""
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.session_key, params.agent_id)
    place = _read_cursor(params.cursor) if params.cursor else None
    if place is not None:
        behind = await gateway.sessions.since(key, *place, limit=MOST_DELTA)
        if behind is not None:
            return _delta(call, behind, place[1], params)
    page = await gateway.sessions.history(key, limit=params.limit, offset=params.offset)
    waiting, running = _live(call, key)
    entries, left_out = _fitting([e for e in page.entries if e.run_id not in waiting], params.max_bytes)
    end = params.offset + len(page.entries) - left_out
    session = page.session
    return ChatHistory(
        session_key=key,
        session_id=session.session_id if session else None,
        messages=[ChatMessage.of(entry, params.max_chars) for entry in entries],
        pending_inputs=_pending(waiting, params),
        delta_cursor=_cursor(agent_id, session.session_id, _reach(page, waiting, 0)) if session else None,
        has_more=end < page.total,
        next_offset=end if end < page.total else None,
        total_messages=page.total,
        defaults=SessionDefaults.of(gateway),
        session_info=SessionRow.of(session, gateway) if session else None,
        in_flight_run=InFlightRun.of(running) if running else None,
    )


def _delta(call: Call, page: Page, seq: int, params: ChatHistoryParams) -> ChatHistory:
    session = page.session
    assert session is not None
    waiting, running = _live(call, session.key)
    row = SessionRow.of(session, call.gateway)
    shown = [entry for entry in page.entries if entry.run_id not in waiting]
    return ChatHistory(
        kind="delta",
        messages=[SessionMessage.of(entry, row, params.max_chars) for entry in shown],
        pending_inputs=_pending(waiting, params),
        delta_cursor=_cursor(session.agent_id, session.session_id, _reach(page, waiting, seq)),
        session_info=row,
        in_flight_run=InFlightRun.of(running) if running else None,
    )


def _live(call: Call, key: str) -> tuple[dict[str, Run], Run | None]:
    """The runs that wait, by id, and the one under way."""
    live = [run for run in call.gateway.runs.live(key) if not run.over and run.asked.command is None]
    running = next((run for run in live if run.started_at_ms is not None), None)
    return {run.run_id: run for run in live if run is not running and run.question is not None}, running


def _pending(waiting: dict[str, Run], params: ChatHistoryParams) -> PendingInputs:
    items = [
        PendingInput(
            id=run.question.entry_id,
            accepted_at=run.question.at_ms,
            message=ChatMessage.of(run.question, params.max_chars),
            run_id=run.run_id,
        )
        for run in waiting.values()
        if run.question is not None
    ]
    return PendingInputs(items=items, total=len(items))


def _reach(page: Page, waiting: dict[str, Run], seq: int) -> int:
    """The number up to which a client has everything: questions that wait are still to be told."""
    seqs = [run.question.seq - 1 for run in waiting.values() if run.question is not None]
    newest = page.entries[-1].seq if page.entries else seq
    return min([newest, *seqs])


def _fitting(entries: list[Entry], max_bytes: int | None) -> tuple[list[Entry], int]:
    """The newest entries whose texts fit, at least one, and how many were left out."""
    if max_bytes is None:
        return entries, 0
    left, kept = max_bytes, list[Entry]()
    for entry in reversed(entries):
        left -= len(entry.message.text) + sum(len(image.data) for image in entry.message.images) + 200
        if left < 0 and kept:
            break
        kept.append(entry)
    return kept[::-1], len(entries) - len(kept)


def _cursor(agent_id: str, session_id: str, seq: int) -> str:
    place = {"agentId": agent_id, "lastSeq": seq, "sessionId": session_id, "version": 1}
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[str, int] | None:
    """The session's id and the last number that the client has; None for what is no cursor of ours."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return str(place["sessionId"]), int(place["lastSeq"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


@method("chat.startup", scope="operator.read")
async def startup(call: Call, params: ChatHistoryParams) -> ChatHistory:
    """What a client shows first of a session: its newest messages, its row, what runs."""
    shown: ChatHistory = await history(call, params)
    return shown


class MessageGetParams(Params):
    """Which message."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None
    message_id: str = Field(min_length=1)
    max_chars: int = Field(default=500_000, ge=1, le=2_000_000)


class MessageGot(Result):
    """The message, or why it cannot be had."""

    ok: bool
    message: ChatMessage | None = None
    unavailable_reason: Literal["not_found", "oversized", "not_visible"] | None = None


@method("chat.message.get", scope="operator.read")
async def get_message(call: Call, params: MessageGetParams) -> MessageGot:
    """One message as a whole."""
    key, _ = call.gateway.roster.locate(params.session_key, params.agent_id)
    entry, session = await call.gateway.sessions.entry(params.message_id), await call.gateway.sessions.find(key)
    if entry is None or session is None or entry.session_id != session.session_id:
        return MessageGot(ok=False, unavailable_reason="not_found")
    if len(entry.message.text) > params.max_chars:
        return MessageGot(ok=False, unavailable_reason="oversized")
    return MessageGot(ok=True, message=ChatMessage.of(entry, params.max_chars))


class MetadataParams(Params):
    """For which agent or session."""

    agent_id: str | None = None
    session_key: str | None = None


@method("chat.metadata", scope="operator.read")
async def metadata(call: Call, params: MetadataParams) -> dict[str, Any]:
    """What a composer offers: models and commands."""
    models = to_wire(await list_models(call, ModelsListParams(agent_id=params.agent_id)))
    return {
        "models": models["models"],
        "commands": to_wire(await list_commands(call, CommandsListParams()))["commands"],
        "swarmEnabled": False,
        "accountSelection": {"kind": "automatic", "label": "Automatic account selection"},
        "runtimeSelectionLocked": False,
    }
