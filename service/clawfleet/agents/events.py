"""What happens in a run, as told on the bus; `server.run_frames` makes the protocol's frames of it.

Each body says how many `agent` frames it becomes (`span`), so that the run's own `seq` has no holes on that stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from clawfleet.config.models.agents import Reasoning
from clawfleet.core.messages import StopReason, Usage


@dataclass(frozen=True, slots=True)
class Status:
    """The run is getting ready."""

    span: ClassVar[int] = 1
    phase: Literal["preparing_workspace", "preparing_context", "starting_model"]


@dataclass(frozen=True, slots=True)
class Started:
    """The run has its turn in the lane and knows what it will ask."""

    span: ClassVar[int] = 1
    at_ms: int


@dataclass(frozen=True, slots=True)
class ModelChosen:
    """This model answers now."""

    span: ClassVar[int] = 1
    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Compacting:
    """What was said before is being summed up, in the middle of a run; at the end `done` says whether it was."""

    span: ClassVar[int] = 1
    phase: Literal["start", "end"]
    done: bool = False


@dataclass(frozen=True, slots=True)
class TextGrew:
    """More visible answer: `text` is the whole of this model call so far, `delta` what is new."""

    span: ClassVar[int] = 1
    text: str
    delta: str
    item_id: str


@dataclass(frozen=True, slots=True)
class ReasoningGrew:
    """More of what the model thinks, in a session that shows it; `text` and `delta` as in `TextGrew`.

    `level` is the session's; with `is_whole` the model has begun to speak or to act.
    """

    span: ClassVar[int] = 1
    text: str
    delta: str
    level: Reasoning
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins."""

    span: ClassVar[int] = 2
    call_id: str
    name: str
    arguments: Mapping[str, object]
    at_ms: int


@dataclass(frozen=True, slots=True)
class ToolReported:
    """A tool that still works shows what it has; `output` is everything so far, bounded by the tool."""

    span: ClassVar[int] = 2
    call_id: str
    name: str
    output: str


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A tool has its result."""

    span: ClassVar[int] = 3
    call_id: str
    name: str
    text: str
    is_error: bool
    details: Mapping[str, object]
    started_at_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class LoopNoticed:
    """The agent repeats itself: `warning`, it was told so; `critical`, the call was not run."""

    span: ClassVar[int] = 1
    call_id: str
    tool: str
    level: Literal["warning", "critical"]
    detector: str
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class UsageCounted:
    """Output tokens of the whole run so far; `last` is what the model call took that has just ended."""

    span: ClassVar[int] = 1
    output_tokens: int
    last: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over and its last message is on disk. `stop_reason` is the wire's: `stop`, `length`, `rpc`, …"""

    span: ClassVar[int] = 2
    text: str
    stop_reason: StopReason | str
    aborted: bool
    started_at_ms: int
    at_ms: int
    provider: str | None = None
    model: str | None = None
    tools_used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The run is over without an answer. `message` is for the user; `details` name provider, model and reason.

    `said`: part of an answer was told before.
    """

    span: ClassVar[int] = 1
    message: str
    code: str
    started_at_ms: int
    at_ms: int
    details: Mapping[str, object] = field(default_factory=dict)
    said: bool = False


@dataclass(frozen=True, slots=True)
class Replied:
    """A command was answered, without a model; the answer is on disk."""

    span: ClassVar[int] = 0
    text: str


Body = (
    Status
    | Started
    | ModelChosen
    | Compacting
    | TextGrew
    | ReasoningGrew
    | ToolStarted
    | ToolReported
    | ToolEnded
    | LoopNoticed
    | UsageCounted
    | Ended
    | Failed
    | Replied
)


@dataclass(frozen=True, slots=True)
class RunEvent:
    """`body` happened in a run; `seq` is the number of its first frame within the run, from 1."""

    run_id: str
    session_key: str
    session_id: str
    agent_id: str
    seq: int
    at_ms: int
    body: Body
