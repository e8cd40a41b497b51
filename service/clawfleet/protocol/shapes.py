"""The frames as models: what `openclaw gateway schema` prints and what tests hold every frame to.

The socket itself reads and writes frames in `frames`, without models in between: it does so for every token.
Source: protocol §2.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Frame(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class ErrorShape(_Frame):
    """Why a request failed. `details.code` is the stable name of it, `details.hint` what mends it."""

    code: Literal[
        "INVALID_REQUEST", "FORBIDDEN", "UNAVAILABLE", "NOT_PAIRED", "APPROVAL_NOT_FOUND", "NOT_LINKED", "AGENT_TIMEOUT"
    ]
    message: str
    details: dict[str, Any] | None = None
    retryable: bool | None = None
    retry_after_ms: int | None = Field(default=None, ge=0)


class Request(_Frame):
    """What a client asks. `params` may be missing or null."""

    type: Literal["req"]
    id: str = Field(min_length=1)
    method: str = Field(min_length=1)
    params: Any = None
    traceparent: str | None = None
    expected_profile_id: str | None = None


class Response(_Frame):
    """The answer to one request, with `payload` or with `error`."""

    type: Literal["res"]
    id: str
    ok: bool
    payload: Any = None
    error: ErrorShape | None = None


class StateVersion(_Frame):
    """Counters that grow whenever presence or health change."""

    presence: int
    health: int


class Event(_Frame):
    """Something that happened. `seq` counts from 1 on each socket; directed events have none."""

    type: Literal["event"]
    event: str
    payload: Any = None
    seq: int | None = Field(default=None, ge=1)
    state_version: StateVersion | None = None


FRAMES: tuple[type[BaseModel], ...] = (Request, Response, Event)
