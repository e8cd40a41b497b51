"""One run: what it was asked, how far it is, how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from clawfleet.agents.events import Body, RunEvent
from clawfleet.agents.words import Words
from clawfleet.config.models.agents import Reasoning, Verbose
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Image, Message, StopReason, ToolCall, ToolSpec, Usage
from clawfleet.core.requester import Requester
from clawfleet.models.failover import Switched
from clawfleet.models.providers.base import Sampling
from clawfleet.models.refs import ModelRef
from clawfleet.sessions.model import Entry, Input, Session
from clawfleet.sessions.spawns import Spawn


@dataclass(frozen=True, slots=True)
class TurnInput:
    """A message on its way to an agent, whichever door it came through.

    `context`, when given, is the whole conversation, the message included, and stands in for the stored transcript
    (HTTP callers who send their own history). A call of one of `client_tools` ends the turn and goes back to the
    caller. `delivery` is where a channel wants the reply. `timeout_s` shortens the configured limit. `thinking` is a
    level of the model, for this turn. `requester` is who asks, None for the gateway itself. `may_command`: a text like
    `/status` is a command. `command` and `resets` are what `commands.read` made of such a text.
    """

    session_key: str
    agent_id: str
    text: str
    idempotency_key: str = field(default_factory=new_id)
    run_id: str = field(default_factory=new_id)
    images: tuple[Image, ...] = ()
    model: str | None = None
    delivery: str | None = None
    context: tuple[Message, ...] | None = None
    extra_system: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    client_tools: tuple[ToolSpec, ...] = ()
    ephemeral: bool = False
    timeout_s: float | None = None
    thinking: str | None = None
    requester: Requester | None = None
    may_command: bool = False
    command: str | None = None
    resets: bool = False

    @property
    def message(self) -> Message:
        """The message as the transcript keeps it."""
        return Message("user", self.text, images=self.images)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `text` is the answer, `visible` everything that was shown (answers before tool calls too).

    `closing` are the messages that end the transcript's part of this run, `last_usage` what their model call took;
    `usage` is that of the whole run. `error` is set when it failed,
    `aborted` names what stopped it (`rpc`, `disconnect`, `shutdown`).
    """

    stop_reason: StopReason
    text: str = ""
    visible: str = ""
    closing: tuple[Message, ...] = ()
    last_usage: Usage = field(default_factory=Usage)
    client_calls: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: ModelRef | None = None
    tools_used: tuple[str, ...] = ()
    error: GatewayError | None = None
    aborted: str | None = None
    ended_at_ms: int = field(default_factory=now_ms)


class Run:
    """A run that is waiting or under way. `done` resolves with its `Outcome`, whatever happens, and never raises.

    `session` is its session as it last stood on disk, `question` the message as it stands in the transcript. With
    `switched` a fallback answers. `verbose` and `reasoning` say what is shown of it besides the answer.
    """

    def __init__(self, asked: TurnInput, accepted: Input, session: Session, tell: Callable[[RunEvent], None]) -> None:
        self.asked = asked
        self.input = accepted
        self.session = session
        self.question: Entry | None = None
        self.run_id = accepted.run_id
        self.session_key = accepted.session_key
        self.started_at_ms: int | None = None
        self.model: ModelRef | None = None
        self.switched: Switched | None = None
        self.usage = Usage()
        self.spoken: list[Words] = []
        self.kept = 0
        self.summed_up = False
        self.verbose: Verbose = "off"
        self.reasoning: Reasoning = "off"
        self.notes: str | None = None
        self.tools_used: list[str] = []
        self.abort_reason: str | None = None
        self.spawn: Spawn | None = None
        self.yielded: str | None = None
        self.task: asyncio.Task[None] | None = None
        self.begun = False
        self.ending = False
        self.over = False
        self.last_usage = Usage()
        self.done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._tell = tell
        self._seq = 0

    @property
    def extra_system(self) -> str | None:
        """What stands in the system prompt besides: what the caller asked for, and the notes that waited."""
        return "\n\n".join(filter(None, (self.asked.extra_system, self.notes))) or None

    @property
    def will_read_notes(self) -> bool:
        """Whether it is a turn that has yet to begin: what is noted until then stands in its prompt."""
        return self.started_at_ms is None and self.asked.command is None and self.abort_reason is None

    def emit(self, body: Body) -> None:
        """Tell everybody that `body` happened in this run."""
        first = self._seq + 1
        self._seq += body.span
        self._tell(
            RunEvent(self.run_id, self.session_key, self.input.session_id, self.input.agent_id, first, now_ms(), body)
        )

    @property
    def text(self) -> str:
        """What the current model call has said so far."""
        return self.spoken[-1].text if self.spoken else ""

    @property
    def visible(self) -> str:
        """Everything said in this run so far, one paragraph per model call."""
        return _paragraphs(self.spoken)

    @property
    def unkept(self) -> str:
        """What was said in the model calls whose message is not in the transcript yet; `kept` counts the others."""
        return _paragraphs(self.spoken[self.kept :])

    async def outcome(self) -> Outcome:
        """How the run ended. Whoever is cancelled while waiting here leaves the run and its other watchers alone."""
        return await asyncio.shield(self.done)

    def abort(self, reason: str) -> bool:
        """Stop the run; False when it is over already. `reason` is the wire's stop reason, e.g. `rpc`."""
        if self.ending or self.abort_reason is not None:
            return False
        self.abort_reason = reason
        if self.begun and self.task is not None:  # a task cancelled before its first step would not even say so
            self.task.cancel()
        return True


def _paragraphs(spoken: Sequence[Words]) -> str:
    return "\n\n".join(text for words in spoken if (text := words.text))
