"""The seam between a turn and a model's wire: one request type, one event type, one Protocol.

An adapter encodes, streams and decodes. It knows nothing of keys' origin, retries, failover or sessions.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from clawfleet.core.messages import Message, StopReason, Thought, ToolCall, ToolSpec, Usage
from clawfleet.models.providers.route import STRAIGHT, Route, Shown


@dataclass(frozen=True, slots=True)
class Sampling:
    """What a caller may ask of the model; None means: the provider's default."""

    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    reasoning_effort: str | None = None
    stop: tuple[str, ...] = ()
    response_format: Mapping[str, object] | None = None
    tool_choice: str | Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One model call: the provider-local model id, the whole conversation, the tools on offer.

    Calls with one `cache_key` begin alike, and may share what a provider keeps of their beginning.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    sampling: Sampling = field(default_factory=Sampling)
    cache_key: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the visible answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's reasoning; never part of the visible answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ThoughtSealed:
    """Reasoning that must go back to the same model with the results of the tools that it calls."""

    thought: Thought


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """One complete tool call; partial arguments never leave an adapter."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every stream that did not fail."""

    stop_reason: StopReason
    usage: Usage


Event = TextDelta | ReasoningDelta | ThoughtSealed | ToolCalled | Finished


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how one model is reached. `api_key` never appears in a repr, a log or an error.

    Times are seconds: `connect_s` to open the connection, `idle_s` for the first byte and between two bytes, `total_s`
    for the whole answer. `key_source` names where the key came from, never the key; `auth_header` sends it as Bearer
    too, `shown` replaces that. `max_tokens` is the answer's limit when the caller gives none (None: no limit is sent);
    `reasoning` and `images` say what the model can do. `compat` holds the operator's deviations from the wire API,
    `params` what he wants sent, `levels` what the provider calls a thinking level (None: the model has none such).
    """

    provider: str
    base_url: str
    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    connect_s: float = 10.0
    idle_s: float = 120.0
    total_s: float = 3600.0
    compat: Mapping[str, object] = field(default_factory=dict)
    key_source: str | None = None
    max_tokens: int | None = None
    reasoning: bool = False
    images: bool = False
    context_window: int = 0
    auth_header: bool = False
    shown: Shown | None = None
    route: Route = STRAIGHT
    params: Mapping[str, object] = field(default_factory=dict)
    levels: Mapping[str, str | None] = field(default_factory=dict)


class Provider(Protocol):
    """One wire API. Raises a leaf of `ProviderError`; closing the generator closes the connection."""

    @property
    def api(self) -> str:
        """The wire API's name in the config, e.g. `openai-completions`."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The model's answer as it arrives; the last event is `Finished`."""
        ...
