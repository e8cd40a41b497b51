"""What a command is, and what it is handed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from clawfleet.agents.compaction import Compacted
from clawfleet.agents.run import Run
from clawfleet.agents.shelf import Shelf
from clawfleet.config.models.agents import Agents
from clawfleet.core.requester import Requester
from clawfleet.models.client import Models
from clawfleet.models.refs import ModelRef
from clawfleet.routing.roster import Roster
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions
from clawfleet.sessions.spawns import Spawn
from clawfleet.tools.desk import Assignment
from clawfleet.tools.registry import ToolBox
from clawfleet.tools.subject import ExecWish, Occasion, Subject

Category = Literal["session", "options", "status", "management", "media", "tools"]


class Children(Protocol):
    """What may be done to subagents (`agents.subagents`)."""

    async def spawn(self, order: Assignment) -> Spawn:
        """Start one. Raises `SpawnRefused`."""
        ...

    async def of(self, key: str, *, since_ms: int = 0) -> tuple[Spawn, ...]:
        """Those that work for a session, newest first, and those of them that ended since then."""
        ...

    async def cancel(self, spawns: Sequence[Spawn], reason: str = "killed") -> tuple[Spawn, ...]:
        """Stop some and what works for them; those that were still running."""
        ...

    def stop_soon(self, key: str) -> None:
        """Stop everything that works for a session, in the background."""
        ...

    async def resume(self) -> None:
        """Take up what an earlier process left."""
        ...


class Live(Protocol):
    """What a command may do to runs."""

    def live(self, session_key: str | None = None) -> tuple[Run, ...]:
        """Runs that wait or are under way."""
        ...

    @property
    def subagents(self) -> Children | None:
        """Who looks after the sessions that work for others."""
        ...

    async def tell(self, session_key: str, agent_id: str, text: str, requester: Requester | None) -> str:
        """Start a run with a message in another session; its id."""
        ...

    async def choose_model(self, ref: str, agent_id: str | None) -> None:
        """Keep a model in the config, as that of one agent or of all. Raises `GatewayError`."""
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
    toolbox: ToolBox
    shelf: Shelf | None = None
    agents: Agents = field(default_factory=Agents)


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was typed: in which session, with what behind its name, by whom; where its answer goes."""

    session: Session
    rest: str
    desk: Desk
    runs: Live
    requester: Requester | None = None
    delivery: str | None = None

    @property
    def is_owner(self) -> bool:
        """Whether an owner typed it."""
        return self.requester is not None and self.requester.is_owner

    @property
    def model(self) -> ModelRef:
        """The model that answers in the session."""
        chosen, catalog = self.session.choices.model, self.desk.models.catalog
        return catalog.resolve(chosen, self.session.agent_id) if chosen else catalog.default(self.session.agent_id)

    @property
    def occasion(self) -> Occasion:
        """What the session's tools go by now."""
        chosen = self.session.choices
        wish = ExecWish(elevated=chosen.elevated, host=chosen.exec_host)
        return Occasion(model=str(self.model), requester=self.requester, wish=wish)

    @property
    def subject(self) -> Subject:
        """Whose tools these are."""
        return Subject(self.session.agent_id, self.session.key, self.occasion)


Answer = Callable[[Typed], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command; `choices` are all it may be, when they are known."""

    name: str
    description: str
    choices: tuple[str, ...] = ()


Inline = Callable[[str], tuple[Mapping[str, str], str] | None]
"""From what stands behind a name to the orders for one message and its text; None when it is no such message."""


def inline_level(choice: str, levels: Sequence[str]) -> Inline:
    """Reads a level, whatever its case, and a text behind it as an order for that message alone."""

    def read(rest: str) -> tuple[Mapping[str, str], str] | None:
        level, _, text = rest.partition(" ")
        return ({choice: level.lower()}, text.strip()) if level.lower() in levels and text.strip() else None

    return read


@dataclass(frozen=True, slots=True)
class Command:
    """One command. One that `resets` lets the session begin anew before it is answered.

    One with `inline` may stand before a message and then holds for that message alone.
    """

    name: str
    description: str
    category: Category
    answer: Answer
    aliases: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    resets: bool = False
    inline: Inline | None = None
