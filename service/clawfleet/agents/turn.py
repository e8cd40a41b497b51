"""The one turn loop: ask the model, run the tools it calls, ask again, until it answers.

Every step is on disk before the next begins: the model's call before its tools run, their results before the
model is asked again. Source: tools-and-sessions §6.
"""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial

from clawfleet.agents.context import Contexts, Manners, Setting, Talk
from clawfleet.agents.events import ModelChosen, Started, Status, TextGrew, UsageCounted
from clawfleet.agents.reasoning import Reasoning
from clawfleet.agents.run import Outcome, Run
from clawfleet.agents.tool_calls import run_calls
from clawfleet.agents.words import Words
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.messages import Message, StopReason, Thought, ToolCall, Usage
from clawfleet.models.client import Models
from clawfleet.models.failover import Switched
from clawfleet.models.providers.base import Finished, TextDelta, ThoughtSealed, ToolCalled
from clawfleet.models.providers.failures import ContextOverflow
from clawfleet.models.refs import ModelRef
from clawfleet.routing.roster import Roster
from clawfleet.sessions.model import Note
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.loops import STOPPED
from clawfleet.tools.registry import ToolBox

log = logging.getLogger("clawfleet.agents")

MAX_MODEL_CALLS = 200
SHORTENED_AT_MOST = 2
"""How often a conversation that is too long is made shorter before one model call."""


class TooManySteps(GatewayError):
    """The model kept calling tools."""

    code = "TOO_MANY_STEPS"

    def __init__(self) -> None:
        super().__init__(
            f"the turn was stopped after {MAX_MODEL_CALLS} model calls without an answer",
            hint="ask for a smaller step, or choose another model",
        )


@dataclass(slots=True)
class _Reply:
    """One model call's result while it arrives."""

    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    thoughts: list[Thought] = field(default_factory=list)
    stop_reason: StopReason = "stop"
    usage: Usage = field(default_factory=Usage)


class Turns:
    """Runs turns. Holds no state of any of them."""

    def __init__(
        self,
        *,
        models: Models,
        toolbox: ToolBox,
        sessions: Sessions,
        roster: Roster,
        manners: Manners | None = None,
    ) -> None:
        """`manners` are what the config says of agents; without them the defaults hold."""
        self.models = models
        self.toolbox = toolbox
        self.roster = roster
        self.shelf = manners.shelf if manners else None
        self.contexts = Contexts(models=models, toolbox=toolbox, sessions=sessions, roster=roster, manners=manners)
        self._sessions = sessions

    async def run(self, run: Run) -> Outcome:
        """The outcome of a turn that went well. Raises `GatewayError` when it did not; stops when cancelled."""
        setting, talk = await self.contexts.prepare(run)
        run.emit(Started(run.started_at_ms or now_ms()))
        run.emit(Status("starting_model"))
        for _ in range(MAX_MODEL_CALLS):
            reply = await self._answer(run, setting, talk)
            setting = self.contexts.refitted(run, setting)
            said = Message("assistant", reply.text, tool_calls=tuple(reply.calls), thoughts=tuple(reply.thoughts))
            theirs = tuple(call for call in said.tool_calls if call.name not in setting.tools)
            if theirs and run.asked.client_tools:
                return _end(run, said, "toolUse", theirs)
            if not said.tool_calls:
                return _end(run, said, reply.stop_reason)
            run.kept = len(run.spoken)
            await self._keep(run, reply.usage, said)
            results = await run_calls(run, setting, said.tool_calls, partial(self._keep, run, None))
            talk.add(said, *results)
            if run.yielded is not None:
                return _end(run, Message("assistant", _say(run, run.yielded)), "stop")
            if setting.loops.is_hopeless:
                return _end(run, Message("assistant", _say(run, STOPPED)), "stop")
        raise TooManySteps

    async def _answer(self, run: Run, setting: Setting, talk: Talk) -> _Reply:
        """The model's reply; when the conversation is too long for it, it is shortened and asked again."""
        for _ in range(SHORTENED_AT_MOST):
            try:
                return await self._ask(run, setting, talk.shown())
            except ContextOverflow as error:
                log.info("run %s is too long for its model: %s", run.run_id, error.message)
                run.spoken.pop()
                await self.contexts.make_room(run, setting, talk)
        return await self._ask(run, setting, talk.shown())

    async def _ask(self, run: Run, setting: Setting, messages: tuple[Message, ...]) -> _Reply:
        reply, item_id = _Reply(), f"{run.run_id}:{len(run.spoken) + 1}"
        words = Words()
        run.spoken.append(words)
        assert run.model is not None
        run.emit(ModelChosen(run.model.provider, run.model.model))
        stream = self.models.stream(run.model, messages, setting.specs, setting.sampling, setting.asker)
        thinking = Reasoning(run)
        async with aclosing(stream):
            async for event in stream:
                thinking.hear(event)
                match event:
                    case TextDelta(delta):
                        if new := words.hear(delta):
                            run.emit(TextGrew(words.told, new, item_id))
                    case ThoughtSealed(thought):
                        reply.thoughts.append(thought)
                    case Switched(ref):  # it answers to the end of the turn
                        run.model = ref
                        run.switched = replace(event, wanted=run.switched.wanted) if run.switched else event
                        run.emit(ModelChosen(ref.provider, ref.model))
                    case ToolCalled(call):
                        reply.calls.append(call)
                    case Finished(stop_reason, usage):
                        reply.stop_reason, reply.usage = stop_reason, usage
        if rest := words.rest():
            run.emit(TextGrew(words.told, rest, item_id))
        reply.text = words.text
        run.usage += reply.usage
        run.last_usage = reply.usage
        run.emit(UsageCounted(run.usage.output, reply.usage))
        return reply

    async def _keep(self, run: Run, usage: Usage | None, *messages: Message) -> None:
        note = note_of(run.model, "toolUse", usage=usage)
        await self._sessions.append(run.input.session_id, run.run_id, messages, note)


def _say(run: Run, text: str) -> str:
    """Tell `text` as an answer that no model gave."""
    words = Words()
    run.spoken.append(words)
    item_id = f"{run.run_id}:{len(run.spoken)}"
    run.emit(TextGrew(text, words.hear(text) or words.rest(), item_id))
    return text


def _end(run: Run, said: Message, stop_reason: StopReason, client_calls: tuple[ToolCall, ...] = ()) -> Outcome:
    """How a turn that went well ended.

    A call that the client must answer is not kept as a call: its answer arrives in the client's own history.
    """
    closing = (replace(said, tool_calls=()),) if said.text or not client_calls else ()
    return Outcome(
        stop_reason=stop_reason,
        text=said.text,
        visible=run.visible,
        closing=closing,
        client_calls=client_calls,
        usage=run.usage,
        last_usage=run.last_usage,
        model=run.model,
        tools_used=tuple(run.tools_used),
    )


def note_of(ref: ModelRef | None, stop_reason: str, error: str | None = None, usage: Usage | None = None) -> Note:
    """What is kept beside an assistant's message."""
    return Note(ref.provider if ref else None, ref.model if ref else None, stop_reason, error, usage=usage)
