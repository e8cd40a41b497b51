"""`system-event`, `wake`, heartbeats: what reaches an agent without a person writing. Source: protocol §12.

There are no heartbeats in this release: a note waits for the next turn, whoever starts it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool

from clawfleet.agents.run import TurnInput
from clawfleet.core.errors import RequestError
from clawfleet.core.ids import new_id
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method

WOKEN = "(system event: see the system events of this turn)"


class NoHeartbeats(RequestError):
    """Heartbeats are to be turned on, and nothing here would send them."""

    code = "HEARTBEATS_UNSUPPORTED"

    def __init__(self) -> None:
        super().__init__(
            "heartbeats cannot be enabled: this gateway schedules nothing yet",
            hint='wake an agent yourself: openclaw gateway call wake --params \'{"mode":"now","text":"look"}\'',
        )


class Done(Result):
    """Nothing to tell but that it was done."""

    ok: bool = True


class SystemEventParams(Params):
    """What the main session is to know."""

    text: str = Field(min_length=1)
    session_key: str | None = None


@method("system-event", scope="operator.admin")
async def system_event(call: Call, params: SystemEventParams) -> Done:
    """Note a text for the next turn of the main session, or of the one that is named."""
    gateway = call.gateway
    key, _ = gateway.roster.locate(params.session_key or gateway.roster.main_key())
    gateway.runs.system_events.note(key, params.text)
    return Done()


class WakeParams(Params):
    """`now` starts a turn that reads the note; `next-heartbeat` leaves it to the next turn."""

    mode: Literal["now", "next-heartbeat"]
    text: str = Field(min_length=1)
    session_key: str | None = None
    agent_id: str | None = None


@method("wake", scope="operator.write")
async def wake(call: Call, params: WakeParams) -> Done:
    """Note a text for an agent's main session, and with `now` let the agent look at it at once."""
    gateway = call.gateway
    key, agent_id = gateway.roster.locate(params.session_key or "main", params.agent_id)
    gateway.runs.system_events.note(key, params.text)
    if params.mode == "now":
        await gateway.runs.accept(TurnInput(session_key=key, agent_id=agent_id, text=WOKEN, idempotency_key=new_id()))
    return Done()


@method("last-heartbeat", scope="operator.read")
async def last_heartbeat(call: Call, params: NoParams) -> dict[str, Any] | None:
    """How the last heartbeat went: null, there was none."""
    return None


class SetHeartbeatsParams(Params):
    """Whether agents are to be woken from time to time."""

    enabled: StrictBool


class HeartbeatsSet(Result):
    """How it is now."""

    ok: bool = True
    enabled: bool


@method("set-heartbeats", scope="operator.admin")
async def set_heartbeats(call: Call, params: SetHeartbeatsParams) -> HeartbeatsSet:
    """Off, which they are; to turn them on is refused."""
    if params.enabled:
        raise NoHeartbeats
    return HeartbeatsSet(enabled=False)
