"""What tools need of the house above them: channels, other sessions, the roster. The runtime sits at the desk.

Tools import neither agents nor channels; what they may ask of them is all here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from clawfleet.core.messages import Image
from clawfleet.core.requester import Requester
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions
from clawfleet.sessions.spawns import Spawn


@dataclass(frozen=True, slots=True)
class Route:
    """One account that messages can go out through."""

    channel: str
    account: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One text for a chat. `to` is the chat's id on the platform."""

    route: Route
    to: str
    text: str
    thread_id: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """Where the message that a run answers came from."""

    route: Route
    to: str
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class AgentCard:
    """One configured agent. `model` is what answers when nobody chose."""

    id: str
    name: str | None
    model: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Errand:
    """A message from one session to another. `wait_s` 0 does not wait for the answer."""

    from_key: str
    from_run: str
    to_key: str
    to_agent: str
    text: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of an errand. `text` is the answer, or why there is none."""

    run_id: str
    status: Literal["accepted", "ok", "no_reply", "timeout", "error"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What somebody wants to be worked on, in whose name. `caps`: no other tools than these; None: no such limit.

    `run_id` is the run that spawns; `delivery` and `requester` are those of that run.
    """

    by_key: str
    by_agent: str
    run_id: str
    task: str
    agent_id: str | None = None
    task_name: str | None = None
    label: str | None = None
    model: str | None = None
    thinking: str | None = None
    timeout_s: float | None = None
    cleanup: Literal["keep", "delete"] = "keep"
    announces: bool = True
    forks: bool = False
    needs_sandbox: bool = False
    caps: tuple[str, ...] | None = None
    delivery: str | None = None
    requester: Requester | None = None


class Desk(Protocol):
    """The gateway as its tools see it. Every method that sends or starts something raises `GatewayError`."""

    @property
    def sessions(self) -> Sessions:
        """The session store."""
        ...

    def routes(self) -> tuple[Route, ...]:
        """The accounts that can send now, in the order of the config."""
        ...

    def chat_of(self, run_id: str) -> Chat | None:
        """The chat that a run answers to; None when it came another way."""
        ...

    async def send(self, letter: Letter) -> tuple[str, ...]:
        """Send a text; the platform's ids of its parts. Raises `ChannelError`."""
        ...

    def agents(self) -> tuple[AgentCard, ...]:
        """The configured agents in their order."""
        ...

    def locate(self, key: str, agent_id: str | None = None) -> tuple[str, str]:
        """The canonical key and the agent of a key as somebody wrote it. Raises `RequestError`."""
        ...

    def is_running(self, key: str) -> bool:
        """Whether something runs or waits in a session."""
        ...

    async def ask(self, errand: Errand) -> Heard:
        """Run a message in another session and wait for the answer as long as the errand says."""
        ...

    async def spawn(self, assignment: Assignment) -> Spawn:
        """Start a subagent; its result comes to the asking session by itself. Raises `SpawnRefused`."""
        ...

    async def subagents(self, key: str, since_ms: int) -> tuple[Spawn, ...]:
        """Those that work for a session, newest first, and those of them that ended since then."""
        ...

    async def stop_subagents(self, spawns: tuple[Spawn, ...]) -> tuple[Spawn, ...]:
        """Stop those and what works for them; the ones that were still running."""
        ...

    async def await_subagents(self, run_ids: tuple[str, ...], wait_s: float) -> None:
        """Return when those are over, or the time is."""
        ...

    def spawn_targets(self, agent_id: str) -> tuple[str, ...]:
        """The agents that an agent may spawn."""
        ...

    def note(self, key: str, text: str) -> None:
        """Let the next turn of a session know `text`."""
        ...

    async def wake(self, key: str, text: str) -> None:
        """Let a session know `text`: in the turn that is to begin there next, else in one of its own."""
        ...

    async def status(self, session: Session) -> str:
        """The card that /status shows of a session."""
        ...

    def eyes(self, model: str | None, agent_id: str) -> Literal["own", "other"] | None:
        """Whether a model sees pictures itself, or another one can describe them to it; None when nobody can."""
        ...

    async def describe(self, agent_id: str, question: str, images: tuple[Image, ...], model: str | None) -> str:
        """What the agent's model for pictures, or `model`, says of some. Raises `GatewayError`."""
        ...

    async def choose_model(self, session: Session, wanted: str | None) -> str:
        """Let another model answer in a session, None for the default; what was chosen. Raises `GatewayError`."""
        ...
