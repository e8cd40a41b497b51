"""The session that a tool's caller means, if it may reach it."""

from __future__ import annotations

from clawfleet.core.errors import RequestError
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.conversations.failures import NoSession, OutOfReach
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.desk import Desk

MOST_GENERATIONS = 8

CURRENT = "current"


async def find_session(desk: Desk, reach: Reach, name: str) -> Session:
    """The session of a key, an id or `current`. Raises `NoSession`, `OutOfReach`."""
    session = await _named(desk, reach, name)
    if session is None:
        raise NoSession(name)
    await check_reach(desk.sessions, reach, session)
    return session


async def check_reach(sessions: Sessions, reach: Reach, session: Session) -> None:
    """Raise `OutOfReach` for a session that may not be reached."""
    spawned = await descends(sessions, session, reach.key)
    if (reason := reach.reason_against(session.key, session.agent_id, spawned=spawned)) is not None:
        raise OutOfReach(f"Session {session.key} is out of reach: {reason}.")


async def descends(sessions: Sessions, session: Session, from_key: str) -> bool:
    """Whether a session was spawned by another, itself or through others."""
    parent = session.parent_key
    for _ in range(MOST_GENERATIONS):
        if parent is None or parent == from_key:
            return parent is not None
        above = await sessions.find(parent)
        parent = above.parent_key if above else None
    return False


async def _named(desk: Desk, reach: Reach, name: str) -> Session | None:
    wanted = name.strip()
    if wanted == CURRENT:
        return await desk.sessions.find(reach.key)
    try:
        key, _ = desk.locate(wanted, reach.agent_id)
    except RequestError:
        key = wanted
    if (found := await desk.sessions.find(key)) is not None:
        return found
    return next(iter(await desk.sessions.find_by(session_id=wanted)), None)
