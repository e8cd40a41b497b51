"""Typing commands into a house of runs."""

from clawfleet.agents.run import TurnInput
from clawfleet.core.requester import Requester
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.fakes import House

KEY = "agent:main:main"


OWNER = Requester("webchat", sender_id="device", is_owner=True, may_approve=True)


async def typed(house: House, text: str, requester: Requester | None = OWNER) -> str:
    """What a person reads who sends `text`."""
    accepted = await house.runs.accept(TurnInput(KEY, "main", text, may_command=True, requester=requester))
    assert accepted.run is not None
    outcome = await accepted.run.outcome()
    assert outcome.error is None, outcome.error
    return outcome.text


async def session(sessions: Sessions) -> Session:
    """The session as it stands on disk."""
    found = await sessions.find(KEY)
    assert found is not None
    return found
