"""Shapes that several methods share: sessions and messages as clients see them. Source: protocol §11–12."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from clawfleet.core.messages import Message
from clawfleet.models.refs import parse_ref
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.registry import Result
from clawfleet.sessions.model import Entry, Note, Session

MOST_ROWS = 2**53
"""An offset beyond what any store holds, and within what SQLite can count."""

ABORTS = frozenset({"rpc", "disconnect", "shutdown", "slow consumer"})
"""What can stop a run; transcripts say `aborted` for all of them."""


class SessionRow(Result):
    """One session in lists and history."""

    key: str
    session_id: str
    agent_id: str
    kind: str
    updated_at: int
    derived_title: str | None = None
    last_message_preview: str | None = None
    status: str
    has_active_run: bool
    active_run_ids: list[str]
    model_provider: str | None
    model: str | None
    input_tokens: int
    output_tokens: int
    total_tokens: int
    context_tokens: int

    @classmethod
    def of(cls, session: Session, gateway: Gateway) -> SessionRow:
        """The row of `session` with its live runs."""
        live = gateway.runs.live(session.key)
        catalog = gateway.models.catalog
        ref = (parse_ref(session.model) if session.model else None) or catalog.default(session.agent_id)
        row = catalog.find(ref)
        return cls(
            key=session.key,
            session_id=session.session_id,
            agent_id=session.agent_id,
            kind="group" if ":group:" in session.key or ":channel:" in session.key else "direct",
            updated_at=session.updated_at_ms,
            derived_title=session.title,
            last_message_preview=session.preview,
            status="running" if live else "done",
            has_active_run=bool(live),
            active_run_ids=[run.run_id for run in live],
            model_provider=ref.provider,
            model=ref.model,
            input_tokens=session.input_tokens,
            output_tokens=session.output_tokens,
            total_tokens=session.input_tokens + session.output_tokens,
            context_tokens=row.context_window if row else 0,
        )


class SessionDefaults(Result):
    """What a session without choices of its own uses."""

    model_provider: str
    model: str
    context_tokens: int

    @classmethod
    def of(cls, gateway: Gateway) -> SessionDefaults:
        """The default agent's model."""
        ref = gateway.models.catalog.default(gateway.roster.default_id)
        row = gateway.models.catalog.find(ref)
        return cls(model_provider=ref.provider, model=ref.model, context_tokens=row.context_window if row else 0)


class Origin(Result):
    """`__openclaw` of a message: its place in the transcript and the run it belongs to."""

    id: str
    seq: int
    run_id: str | None = None


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
    stop_reason: str | None = None
    error_message: str | None = None
    openclaw: Origin = Field(serialization_alias="__openclaw")

    @classmethod
    def of(cls, entry: Entry, max_chars: int) -> ChatMessage:
        """`entry` as clients read it; texts longer than `max_chars` are cut."""
        message, note = entry.message, entry.note or Note()
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
            stop_reason="aborted" if note.stop_reason in ABORTS else note.stop_reason,
            error_message=note.error,
            openclaw=Origin(id=entry.entry_id, seq=entry.seq, run_id=entry.run_id),
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
