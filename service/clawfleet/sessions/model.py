"""The shapes of what is kept: a session, one entry of its transcript, and one input with its fate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from clawfleet.core.messages import Message, Usage

InputState = Literal["accepted", "answered", "done", "failed", "aborted", "interrupted"]
"""accepted: durable, no answer yet · answered: the reply is durable but not delivered · the rest is final, but an
`interrupted` input (its gateway died before the answer) runs again when the client repeats it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation. `model` is the ref that its last run used; times are ms since the epoch.

    `title` is the beginning of the first question, `preview` that of the newest message.
    """

    key: str
    session_id: str
    agent_id: str
    created_at_ms: int
    updated_at_ms: int
    title: str | None = None
    preview: str | None = None
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What is kept beside an assistant's message: which model said it and how its model call, or the run, ended."""

    provider: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a transcript; `seq` counts from 1 within the session."""

    session_id: str
    seq: int
    entry_id: str
    run_id: str | None
    at_ms: int
    message: Message
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class NewInput:
    """A user's message on its way in. The same `idempotency_key` is the same input, however often it arrives.

    `delivery` is where the reply goes besides the session (opaque JSON text of the channel), None for clients
    that watch the session themselves. `ephemeral` marks a session that no list shows and that is soon pruned.
    """

    run_id: str
    idempotency_key: str
    session_key: str
    agent_id: str
    message: Message
    model: str | None = None
    delivery: str | None = None
    ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """An accepted input as it stands on disk."""

    run_id: str
    idempotency_key: str
    session_key: str
    session_id: str
    agent_id: str
    entry_id: str
    text: str
    state: InputState
    accepted_at_ms: int
    model: str | None = None
    delivery: str | None = None
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a run ended, written together with its last message."""

    run_id: str
    state: InputState
    reply: str | None = None
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
