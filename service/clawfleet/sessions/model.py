"""The shapes of what is kept: a session, one entry of its transcript, and one input with its fate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from clawfleet.core.messages import Message, Usage

InputState = Literal["accepted", "answered", "done", "failed", "aborted", "interrupted"]
"""accepted: durable, no answer yet · answered: the reply is durable but not delivered · the rest is final, but an
`interrupted` input (its gateway died before the answer) runs again when the client repeats it."""


RunState = Literal["done", "failed", "killed"]

EntryKind = Literal["command", "compaction", "injected", "reset"]
"""What an entry is that is no plain message: a slash command or its answer, the summary that a compaction left, a
note that an operator put in, the place where a conversation began anew."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the newest run of a session that is over went."""

    id: str
    state: RunState
    error: str | None
    started_at_ms: int
    ended_at_ms: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What people chose for one session. `model` is a ref, `thinking` a level of it; None is the default.

    `elevated` (`on`, `ask`, `full`), `exec_host` and `exec_node` say where commands run, `send_policy` (`deny`) that
    nothing is taken, `response_usage` (`tokens`, `full`) what answers end with. `verbose` (`off`, `on`, `full`) is how
    much of its tools is told, `reasoning` (`off`, `on`, `stream`) whether what its model thinks is. The last four are
    how lists show it: under which name, in which group, with which picture and colour.
    """

    model: str | None = None
    thinking: str | None = None
    elevated: str | None = None
    exec_host: str | None = None
    exec_node: str | None = None
    send_policy: str | None = None
    response_usage: str | None = None
    verbose: str | None = None
    reasoning: str | None = None
    label: str | None = None
    category: str | None = None
    icon: str | None = None
    color: str | None = None


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation. `model` is the ref that its last run used; times are ms since the epoch.

    `title` is the beginning of the first question, `preview` that of the newest message. `started_at_ms` is when its
    transcript began, which a reset moves; `asked_at_ms` when somebody last said something. `context_used` counts the
    tokens of the newest model call's question. `closed_at_ms`: this is the kept transcript of a session that was reset
    or deleted.
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
    started_at_ms: int | None = None
    asked_at_ms: int | None = None
    created_via: str = "run"
    parent_key: str | None = None
    choices: Choices = NO_CHOICES
    archived_at_ms: int | None = None
    pinned_at_ms: int | None = None
    unread: bool = False
    closed_at_ms: int | None = None
    compactions: int = 0
    context_used: int = 0
    last_run: LastRun | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What is kept beside a message of the assistant or the system.

    Which model said it, for how many tokens, how its model call or the run ended; `kind` says what else it is,
    `first_kept` which entry a compaction left standing first, `label` the heading of an injected note.
    """

    provider: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    error: str | None = None
    kind: EntryKind | None = None
    first_kept: int | None = None
    tokens_before: int | None = None
    label: str | None = None
    usage: Usage | None = None


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

    @property
    def kind(self) -> EntryKind | None:
        """What it is besides a message."""
        return self.note.kind if self.note else None


@dataclass(frozen=True, slots=True)
class SessionChange:
    """Something happened to `session`: why it changed (`reason`), what was said in it (`entries`)."""

    session: Session
    reason: str | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class NewInput:
    """A user's message on its way in. The same `idempotency_key` is the same input, however often it arrives.

    `delivery` is where the reply goes besides the session (opaque JSON text of the channel), None for clients
    that watch the session themselves. `ephemeral` marks a session that no list shows and that is soon pruned.
    `is_command` marks what no model is to read; `resets` lets the session begin anew with it. `requester` says who
    asks (text of `core.requester`).
    """

    run_id: str
    idempotency_key: str
    session_key: str
    agent_id: str
    message: Message
    model: str | None = None
    delivery: str | None = None
    ephemeral: bool = False
    is_command: bool = False
    resets: bool = False
    requester: str | None = None


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
    requester: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a run ended, written together with its last message. `error` is why it failed."""

    run_id: str
    state: InputState
    reply: str | None = None
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    context_used: int = 0
    error: str | None = None
    started_at_ms: int | None = None
