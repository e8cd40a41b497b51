"""What is said in a conversation, independent of any wire: the shapes that sessions keep, agents build and models read.

A conversation is a list of `Message`. An assistant message may carry tool calls; each call is answered by one
message of role `tool` with the call's id. Shapes follow tools-and-sessions §7.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from clawfleet.core.text import read_json

Role = Literal["system", "user", "assistant", "tool"]
StopReason = Literal["stop", "length", "toolUse", "error", "aborted"]


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of a message: `media_type` like `image/png`, `data` base64 without a `data:` prefix."""

    media_type: str
    data: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool. `arguments` is the model's JSON text, already known to parse to an object."""

    id: str
    name: str
    arguments: str

    def parsed(self) -> dict[str, object]:
        """The arguments as an object; an empty text is an empty object."""
        return dict(read_json(self.arguments or "{}"))


@dataclass(frozen=True, slots=True)
class Thought:
    """Reasoning that its own model must be shown again while a turn goes on; no other model may see it.

    `origin` is the ref of that model. `seal` is the provider's opaque proof, `text` what could be read of it.
    `call_id` names the tool call that the seal belongs to, if it belongs to one.
    """

    origin: str
    seal: str
    text: str = ""
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said. `tool_call_id` and `tool_name` only on role `tool`; `is_error` marks a failed tool result.

    `thoughts` stand before the text of an assistant message; they last for a turn and are not kept.
    """

    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    tool_name: str | None = None
    is_error: bool = False
    thoughts: tuple[Thought, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or several model calls. `input` excludes cached tokens; `output` includes reasoning."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @property
    def total(self) -> int:
        """All tokens together."""
        return self.input + self.output + self.cache_read + self.cache_write

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is told of it. `parameters` is a JSON Schema object.

    `only_looks`: it changes nothing, so that several such calls may run at once; no model is told.
    """

    name: str
    description: str
    parameters: dict[str, object] = field(default_factory=dict)
    only_looks: bool = False


CUT_OFF = "(stopped before this tool had finished; part of its work may be done)"


def cut_off(call: ToolCall) -> Message:
    """What stands for the result that a call will not get any more."""
    return Message("tool", CUT_OFF, tool_call_id=call.id, tool_name=call.name, is_error=True)
