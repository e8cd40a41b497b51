"""`sessions.viewers.set`, `sessions.observer.visibility`: what a page says of what it shows. Nobody is told of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method


class ViewersParams(Params):
    """The sessions that a page shows."""

    session_keys: Annotated[list[str], Field(max_length=32)]


class Viewed(Result):
    """The answer of `sessions.viewers.set`: the sessions of which others are told that this page shows them."""

    session_keys: list[str]


@method("sessions.viewers.set", scope="operator.read")
async def set_viewers(call: Call, params: ViewersParams) -> Viewed:
    """Take note of none: a session has one person, to whom nobody else need be shown."""
    return Viewed(session_keys=[])


class VisibilityParams(Params):
    """Whether a page is in front."""

    visible: bool


class Heard(Result):
    """It was heard."""

    ok: bool = True


@method("sessions.observer.visibility", scope="operator.read")
async def set_visibility(call: Call, params: VisibilityParams) -> Heard:
    """Hear whether a page is in front; every page is told everything either way."""
    return Heard()
