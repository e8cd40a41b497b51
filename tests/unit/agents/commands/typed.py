"""Typing commands into a house of runs."""

from clawfleet.agents.run import TurnInput
from clawfleet.config.models.root import Config
from clawfleet.core.requester import Requester
from clawfleet.models.client import Models
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


def with_models(house: House, environ: dict[str, str] | None = None, **agents: object) -> None:
    """Let the house have the real models of a config: `lan/one`, its default, and `lan/two`, called `deux`."""
    rows = [{"id": "one"}, {"id": "two"}]
    providers = {"lan": {"baseUrl": "http://127.0.0.1:9/v1", "apiKey": "key-of-the-config", "models": rows}}
    defaults = {"model": "lan/one", "models": {"lan/two": {"alias": "deux"}}, **agents}
    config = Config.model_validate({"models": {"providers": providers}, "agents": {"defaults": defaults}})
    turns = house.runs._turns
    turns.models = Models(config, environ or {})
    house.runs.adopt(turns, max_concurrent=1, timeout_s=5)
