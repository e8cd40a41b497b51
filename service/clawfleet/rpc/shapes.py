"""Shapes that several methods share: sessions and messages as clients see them. Source: protocol §11–12."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from clawfleet.agents.run import Run
from clawfleet.core.clock import now_ms
from clawfleet.core.messages import Message
from clawfleet.models import thinking
from clawfleet.models.catalog import ModelRow
from clawfleet.models.refs import ModelRef, parse_ref, split_pin
from clawfleet.routing.roster import MAIN_KEY
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.registry import Result
from clawfleet.sessions.model import Entry, Note, Session

MOST_ROWS = 2**53
"""An offset beyond what any store holds, and within what SQLite can count."""


class ThinkingLevel(Result):
    """One level of thinking, as a list offers it."""

    id: str
    label: str


class AgentRuntime(Result):
    """What runs an agent's turns: this gateway itself."""

    id: str = "openclaw"
    cloud_placement_supported: bool = False
    device_placement_supported: bool = False
    source: str = "implicit"


class Thinking(Result):
    """Which levels of thinking a model has."""

    thinking_levels: list[ThinkingLevel]
    thinking_options: list[str]
    thinking_default: str


def thinking_of(row: ModelRow | None) -> dict[str, Any]:
    """The fields of `Thinking` for a model."""
    known = thinking.levels(row)
    return {
        "thinking_levels": [ThinkingLevel(id=level, label=level) for level in known],
        "thinking_options": list(known),
        "thinking_default": thinking.default_level(row),
    }


class SessionRow(Thinking):
    """One session in lists, history and events."""

    key: str
    session_id: str
    agent_id: str
    kind: str
    classification: str
    chat_type: str
    visibility: str = "shared"
    sharing_role: str = "admin"
    created_via: str
    created_at: int
    updated_at: int
    last_interaction_at: int | None = None
    last_activity_at: int | None = None
    is_main: bool
    is_background: bool = False
    label: str | None = None
    category: str | None = None
    icon: str | None = None
    color: str | None = None
    derived_title: str | None = None
    last_message_preview: str | None = None
    archived: bool
    archived_at: int | None = None
    pinned: bool
    pinned_at: int | None = None
    unread: bool
    parent_session_key: str | None = None
    child_sessions: list[str] | None = None
    status: str
    has_active_run: bool
    active_run_ids: list[str]
    started_at: int | None = None
    ended_at: int | None = None
    runtime_ms: int | None = None
    last_run_id: str | None = None
    last_run_error: str | None = None
    aborted_last_run: bool
    thinking_level: str | None = None
    verbose_level: str | None = None
    reasoning_level: str | None = None
    effective_fast_mode: bool = False
    effective_fast_mode_source: str = "default"
    effective_response_usage: str = "off"
    effective_queue_mode: str = "followup"
    model_provider: str | None = None
    model: str | None = None
    model_override_source: str | None = None
    runtime_selection_locked: bool = False
    agent_runtime: AgentRuntime = AgentRuntime()
    input_tokens: int
    output_tokens: int
    total_tokens: int
    total_tokens_fresh: bool = True
    context_tokens: int
    compaction_count: int
    snapshot_at: int

    @classmethod
    def of(cls, session: Session, gateway: Gateway, children: Sequence[str] = ()) -> SessionRow:
        """The row of `session` with its live runs; `children` are the sessions that were made from it."""
        ref, row = model_of(session, gateway)
        return cls(
            **thinking_of(row),
            **_nature(session),
            **_choices(session),
            **_progress(session, [run for run in gateway.runs.live(session.key) if not run.over]),
            key=session.key,
            session_id=session.session_id,
            agent_id=session.agent_id,
            created_via=session.created_via,
            created_at=session.created_at_ms,
            updated_at=session.updated_at_ms,
            last_interaction_at=session.asked_at_ms,
            derived_title=session.title,
            last_message_preview=session.preview,
            unread=session.unread,
            parent_session_key=session.parent_key,
            child_sessions=list(children) or None,
            model_provider=ref.provider,
            model=ref.model,
            input_tokens=session.input_tokens,
            output_tokens=session.output_tokens,
            total_tokens=session.input_tokens + session.output_tokens,
            context_tokens=row.context_window if row else 0,
            compaction_count=session.compactions,
            snapshot_at=now_ms(),
        )


def _nature(session: Session) -> dict[str, Any]:
    """What its key says of a session."""
    parts = session.key.split(":")
    kind = "group" if {"group", "channel"} & set(parts[2:]) else "direct"
    is_main = parts[2:] == [MAIN_KEY]
    named = parts[2] if len(parts) > 3 else "other"
    return {"kind": kind, "chat_type": kind, "is_main": is_main, "classification": MAIN_KEY if is_main else named}


def _choices(session: Session) -> dict[str, Any]:
    choices = session.choices
    return {
        "label": choices.label,
        "category": choices.category,
        "icon": choices.icon,
        "color": choices.color,
        "thinking_level": choices.thinking,
        "verbose_level": choices.verbose,
        "reasoning_level": choices.reasoning,
        "model_override_source": "user" if choices.model else None,
        "archived": session.archived_at_ms is not None,
        "archived_at": session.archived_at_ms,
        "pinned": session.pinned_at_ms is not None,
        "pinned_at": session.pinned_at_ms,
    }


def _progress(session: Session, live: Sequence[Run]) -> dict[str, Any]:
    """What runs in a session, and how its last run ended."""
    running = next((run for run in live if run.started_at_ms is not None), None)
    last = session.last_run
    over = last if running is None else None
    begun = running.started_at_ms if running else last.started_at_ms if last else None
    return {
        "status": "running" if live else last.state if last else "done",
        "has_active_run": bool(live),
        "active_run_ids": [run.run_id for run in live],
        "started_at": begun,
        "ended_at": over.ended_at_ms if over else None,
        "runtime_ms": max(0, over.ended_at_ms - over.started_at_ms) if over else None,
        "last_activity_at": last.ended_at_ms if last else session.asked_at_ms,
        "last_run_id": last.id if last else None,
        "last_run_error": last.error if last else None,
        "aborted_last_run": bool(last and last.state == "killed"),
    }


def model_of(session: Session, gateway: Gateway) -> tuple[ModelRef, ModelRow | None]:
    """The model that answers next in `session`, unless its last run used another that nobody chose since."""
    catalog = gateway.models.catalog
    written = session.choices.model or session.model
    ref = (parse_ref(split_pin(written)[0]) if written else None) or catalog.default(session.agent_id)
    return ref, catalog.find(ref)


class SessionDefaults(Thinking):
    """What a session without choices of its own uses."""

    model_provider: str
    model: str
    context_tokens: int
    model_selection_target: str = "session"
    agent_runtime: AgentRuntime = AgentRuntime()

    @classmethod
    def of(cls, gateway: Gateway) -> SessionDefaults:
        """The default agent's model."""
        ref = gateway.models.catalog.default(gateway.roster.default_id)
        row = gateway.models.catalog.find(ref)
        return cls(
            **thinking_of(row),
            model_provider=ref.provider,
            model=ref.model,
            context_tokens=row.context_window if row else 0,
        )


class MessageUsage(Result):
    """The tokens of the model call that said a message."""

    input: int
    output: int
    cache_read: int
    cache_write: int
    total_tokens: int


class Origin(Result):
    """`__openclaw` of a message: its place in the transcript and the run it belongs to."""

    id: str
    seq: int
    run_id: str | None = None
    kind: str | None = None


class ChatMessage(Result):
    """One message of `chat.history`."""

    role: str
    content: Any
    timestamp: int
    idempotency_key: str | None = None
    tool_call_id: str | None = None
    tool_name: str | None = None
    is_error: bool | None = None
    provider: str | None = None
    model: str | None = None
    usage: MessageUsage | None = None
    stop_reason: str | None = None
    error_message: str | None = None
    openclaw: Origin = Field(serialization_alias="__openclaw")

    @classmethod
    def of(cls, entry: Entry, max_chars: int) -> ChatMessage:
        """`entry` as clients read it; texts longer than `max_chars` are cut."""
        message, note = entry.message, entry.note or Note()
        if note.kind == "compaction":
            message = Message("system", "Compaction")
        is_user = message.role == "user"
        return cls(
            role="toolResult" if message.role == "tool" else message.role,
            content=_cut(message.text, max_chars) if is_user and not message.images else _parts(message, max_chars),
            timestamp=entry.at_ms,
            idempotency_key=f"{entry.run_id}:user" if is_user and entry.run_id else None,
            tool_call_id=message.tool_call_id,
            tool_name=message.tool_name,
            is_error=message.is_error if message.role == "tool" else None,
            provider=note.provider,
            model=note.model,
            usage=_usage(note),
            stop_reason=note.stop_reason,
            error_message=note.error,
            openclaw=Origin(
                id=entry.entry_id,
                seq=entry.seq,
                run_id=entry.run_id,
                kind=note.kind if note.kind in ("reset", "compaction") else None,
            ),
        )


class SessionMessage(Result):
    """A message with its session: the event `session.message`, and what `chat.history` gives behind a cursor."""

    session_key: str
    agent_id: str
    sender_is_owner: bool | None = None
    message: ChatMessage
    message_id: str
    message_seq: int
    run_id: str | None = None
    session: SessionRow
    session_id: str
    updated_at: int
    status: str
    has_active_run: bool
    active_run_ids: list[str]

    @classmethod
    def of(cls, entry: Entry, row: SessionRow, max_chars: int) -> SessionMessage:
        """`entry` of the session of `row`."""
        is_user = entry.message.role == "user"
        return cls(
            session_key=row.key,
            agent_id=row.agent_id,
            sender_is_owner=True if is_user else None,
            message=ChatMessage.of(entry, max_chars),
            message_id=entry.entry_id,
            message_seq=entry.seq,
            run_id=None if is_user else entry.run_id,
            session=row,
            session_id=row.session_id,
            updated_at=row.updated_at,
            status=row.status,
            has_active_run=row.has_active_run,
            active_run_ids=row.active_run_ids,
        )


def _usage(note: Note) -> MessageUsage | None:
    used = note.usage
    if used is None:
        return None
    return MessageUsage(
        input=used.input,
        output=used.output,
        cache_read=used.cache_read,
        cache_write=used.cache_write,
        total_tokens=used.total,
    )


def _parts(message: Message, max_chars: int) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if message.text or not message.tool_calls:
        parts.append({"type": "text", "text": _cut(message.text, max_chars)})
    parts.extend({"type": "image", "mimeType": image.media_type, "data": image.data} for image in message.images)
    parts.extend(
        {"type": "toolCall", "id": call.id, "name": call.name, "arguments": call.parsed()}
        for call in message.tool_calls
    )
    return parts


def _cut(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else f"{text[:max_chars]}…"
