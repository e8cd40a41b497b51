"""What a command is, and what it is handed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from clawfleet.agents.compaction import Compacted
from clawfleet.agents.run import Run
from clawfleet.models.client import Models
from clawfleet.routing.roster import Roster
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions

Category = Literal["session", "options", "status", "management", "media", "tools"]


class Live(Protocol):
    """What a command may do to runs."""

    def live(self, session_key: str | None = None) -> tuple[Run, ...]:
        """Runs that wait or are under way."""
        ...

    async def compact(self, session: Session, instructions: str = "") -> Compacted:
        """Shorten what models read of a session."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that commands work with."""

    sessions: Sessions
    models: Models
    roster: Roster


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was typed: in which session, with what behind its name."""

    session: Session
    rest: str
    desk: Desk
    runs: Live


Answer = Callable[[Typed], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command; `choices` are all it may be, when they are known."""

    name: str
    description: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One command. One that `resets` lets the session begin anew before it is answered."""

    name: str
    description: str
    category: Category
    answer: Answer
    aliases: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    resets: bool = False
