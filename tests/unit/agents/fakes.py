"""A scripted model and a scripted tool, for the tests of turns and runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clawfleet.agents.context import Manners
from clawfleet.agents.deliveries import Deliver
from clawfleet.agents.events import Body
from clawfleet.agents.lanes import Lanes
from clawfleet.agents.runs import Runs
from clawfleet.agents.shelf import Shelf
from clawfleet.agents.turn import Turns
from clawfleet.config.models.agents import Agents
from clawfleet.config.models.loop_detection import LoopDetection
from clawfleet.core.messages import Message, ToolCall, ToolSpec, Usage
from clawfleet.models.catalog import UnknownModel
from clawfleet.models.client import ANYBODY, Asker
from clawfleet.models.providers.base import Event, Finished, Sampling, TextDelta, ToolCalled
from clawfleet.models.refs import ModelRef
from clawfleet.routing.roster import Agent, Roster
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.loops import Loops
from clawfleet.tools.registry import ToolBox

REF = ModelRef("fake", "one")
Step = Sequence[Event | BaseException | asyncio.Event]


def say(text: str) -> Step:
    """One model call that answers in words."""
    words = [TextDelta(word if number == 0 else f" {word}") for number, word in enumerate(text.split(" "))]
    return [*words, Finished("stop", Usage(input=10, output=len(words)))]


def call(name: str, arguments: str = "{}", call_id: str = "c1", before: str = "") -> Step:
    """One model call that calls a tool."""
    text = [TextDelta(before)] if before else []
    return [*text, ToolCalled(ToolCall(call_id, name, arguments)), Finished("toolUse", Usage(input=10, output=1))]


@dataclass
class FakeModels:
    """Plays one step per model call; an exception in a step is raised, an asyncio.Event is waited for."""

    steps: list[Step]
    seen: list[tuple[Message, ...]] = field(default_factory=list)
    asked: list[tuple[ModelRef, Sampling]] = field(default_factory=list)
    input: tuple[str, ...] = ("text",)
    context_window: int = 100_000

    @property
    def catalog(self) -> Any:
        row = SimpleNamespace(
            ref=REF, available=True, context_window=self.context_window, input=self.input, reasoning=False
        )

        def resolve(text: str, agent_id: str | None = None) -> ModelRef:
            if text == "nope":
                raise UnknownModel(f'Unknown model "{text}"')
            return REF

        return SimpleNamespace(
            default=lambda agent_id=None: REF,
            resolve=resolve,
            choose=lambda text, agent_id: str(resolve(text, agent_id)),
            image_model=lambda agent_id: None,
            row=lambda ref: row,
            find=lambda ref: row,
            problem=lambda ref: None,
            rows=(row,),
        )

    async def stream(
        self,
        ref: ModelRef,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        sampling: Sampling | None = None,
        asker: Asker = ANYBODY,
    ) -> AsyncGenerator[Event, None]:
        self.seen.append(tuple(messages))
        self.asked.append((ref, sampling or Sampling()))
        for event in self.steps.pop(0):
            if isinstance(event, BaseException):
                raise event
            if isinstance(event, asyncio.Event):
                await event.wait()
            else:
                yield event


@dataclass
class FakeTool:
    """A tool that does what `work` does."""

    name: str
    work: Callable[[Mapping[str, object]], ToolResult]
    only_looks: bool = False

    @property
    def spec(self) -> ToolSpec:
        return ToolSpec(self.name, "", {"type": "object"}, self.only_looks)

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        context.report("working")
        return self.work(arguments)


@dataclass
class House:
    """Runs over a real store with a scripted model."""

    runs: Runs
    sessions: Sessions
    models: FakeModels
    heard: list[Body]


def hold_limit(monkeypatch: pytest.MonkeyPatch, limit_s: float) -> Callable[[], None]:
    """Ends the time of the last limit of so many seconds when it is called, however long things took until then."""
    limits: list[asyncio.Timeout] = []
    make = asyncio.timeout

    def timeout(delay: float | None) -> asyncio.Timeout:
        made = make(delay)
        if delay == limit_s:
            limits.append(made)
        return made

    monkeypatch.setattr(asyncio, "timeout", timeout)
    return lambda: limits[-1].reschedule(0)


async def nobody(delivery: str, text: str) -> None:
    """There is no channel."""
    raise AssertionError("nothing was to be delivered")


def build(
    sessions: Sessions,
    workspace: Path,
    steps: list[Step],
    *,
    tools: Sequence[FakeTool] = (),
    deliver: Deliver = nobody,
    timeout_s: float = 30,
    agents: Agents | None = None,
    toolbox: ToolBox | None = None,
    loops: LoopDetection | None = None,
    shelf: Shelf | None = None,
) -> House:
    """A house whose model plays `steps`, with `tools` or a real toolbox."""
    models, heard = FakeModels(steps), list[Body]()
    fake: Any = SimpleNamespace(
        prepare=_nothing,
        equipment=lambda agent_id, session_key, occasion, others: {tool.name: tool for tool in tools},
        surroundings=lambda agent_id, session_key: None,
        at_work=lambda agent_id, session_key: None,
        loops=lambda agent_id: Loops(loops or LoopDetection()),
    )
    roster = Roster({"main": Agent("main", None, workspace)}, "main")
    turns = Turns(
        models=models,  # type: ignore[arg-type]
        toolbox=toolbox or fake,
        sessions=sessions,
        roster=roster,
        manners=Manners(agents or Agents(), shelf),
    )
    runs = Runs(
        sessions=sessions,
        turns=turns,
        lanes=Lanes(8),
        deliver=deliver,
        timeout_s=timeout_s,
    )
    runs.events.listen(lambda event: heard.append(event.body))
    return House(runs, sessions, models, heard)


async def _nothing(*_: object) -> None:
    """Needs no getting ready."""
