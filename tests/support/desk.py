"""A desk for the tests of tools: a real session store, and a house that notes what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from clawfleet.core.errors import ChannelError, RequestError
from clawfleet.core.messages import Image
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions
from clawfleet.sessions.spawns import Spawn
from clawfleet.tools.base import ToolContext
from clawfleet.tools.conversations.failures import SpawnRefused
from clawfleet.tools.desk import AgentCard, Assignment, Chat, Errand, Heard, Letter, Route

CONTEXT = ToolContext("run-1", "agent:main:main", "main", Path("/nowhere"), "call-1", lambda text: None)


class NoSuchChat(ChannelError):
    """A platform refuses."""

    is_final = True


@dataclass
class FakeDesk:
    """Implements `tools.desk.Desk`."""

    store: Sessions
    open_routes: tuple[Route, ...] = ()
    chats: dict[str, Chat] = field(default_factory=dict)
    agent_ids: tuple[str, ...] = ("main", "coder")
    running: set[str] = field(default_factory=set)
    answer: Heard = field(default_factory=lambda: Heard("run-2", "ok", "the answer"))
    sent: list[Letter] = field(default_factory=list)
    asked: list[Errand] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    assigned: list[Assignment] = field(default_factory=list)
    spawned: list[Spawn] = field(default_factory=list)

    @property
    def sessions(self) -> Sessions:
        return self.store

    def routes(self) -> tuple[Route, ...]:
        return self.open_routes

    def chat_of(self, run_id: str) -> Chat | None:
        return self.chats.get(run_id)

    async def send(self, letter: Letter) -> tuple[str, ...]:
        """Chat `0` is refused."""
        if letter.to == "0":
            raise NoSuchChat("chat not found")
        self.sent.append(letter)
        return (f"m{len(self.sent)}",)

    def agents(self) -> tuple[AgentCard, ...]:
        return tuple(AgentCard(each, each.title(), "demo/echo", each == "main") for each in self.agent_ids)

    def locate(self, key: str, agent_id: str | None = None) -> tuple[str, str]:
        parts = key.split(":")
        agent = parts[1] if parts[0] == "agent" and len(parts) > 2 else agent_id or "main"
        if agent not in self.agent_ids:
            raise RequestError(f'unknown agent id "{agent}"')
        return (key if parts[0] == "agent" else f"agent:{agent}:{key}"), agent

    def is_running(self, key: str) -> bool:
        return key in self.running

    async def ask(self, errand: Errand) -> Heard:
        self.asked.append(errand)
        return self.answer

    async def spawn(self, assignment: Assignment) -> Spawn:
        """Agent `nobody` is refused."""
        if assignment.agent_id == "nobody":
            raise SpawnRefused("agentId is not allowed for sessions_spawn (allowed: main)", role="nobody")
        spawn = Spawn(
            f"run-{len(self.spawned) + 10}",
            f"agent:{assignment.agent_id or 'main'}:subagent:{len(self.spawned)}",
            assignment.by_key,
            assignment.agent_id or "main",
            assignment.by_agent,
            assignment.task,
            1,
            assignment.task_name,
            model=assignment.model,
            announces=assignment.announces,
        )
        self.assigned.append(assignment)
        self.spawned.append(spawn)
        return spawn

    async def subagents(self, key: str, since_ms: int) -> tuple[Spawn, ...]:
        return tuple(each for each in self.spawned if each.by_key == key)

    async def stop_subagents(self, spawns: tuple[Spawn, ...]) -> tuple[Spawn, ...]:
        return tuple(each for each in spawns if each.state == "running")

    async def await_subagents(self, run_ids: tuple[str, ...], wait_s: float) -> None:
        """All are done then."""
        self.spawned = [replace(each, state="done") if each.run_id in run_ids else each for each in self.spawned]

    def spawn_targets(self, agent_id: str) -> tuple[str, ...]:
        return (agent_id,)

    def note(self, key: str, text: str) -> None:
        self.notes.append((key, text))

    async def wake(self, key: str, text: str) -> None:
        self.note(key, text)

    async def status(self, session: Session) -> str:
        return f"status of {session.key}, model {session.choices.model}"

    def eyes(self, model: str | None, agent_id: str) -> Literal["own", "other"] | None:
        """Model `x/blind` needs another's eyes, `x/lost` has none."""
        return {"x/blind": "other", "x/lost": None}.get(model or "", "own")

    async def describe(self, agent_id: str, question: str, images: tuple[Image, ...], model: str | None) -> str:
        """Model `bad/model` fails."""
        if model == "bad/model":
            raise RequestError("unknown model bad/model")
        return f"{len(images)} seen by {model}: {question}"

    async def choose_model(self, session: Session, wanted: str | None) -> str:
        """`bad/model` is unknown."""
        if wanted == "bad/model":
            raise RequestError("unknown model bad/model")
        return wanted or "demo/echo"
