"""The one turn loop: ask the model, run the tools it calls, ask again, until it answers.

Every step is on disk before the next begins: the model's call before its tools run, their results before the
model is asked again. Source: tools-and-sessions §6.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

from clawfleet.agents import prompt
from clawfleet.agents.events import (
    ModelChosen,
    Started,
    Status,
    TextGrew,
    ToolEnded,
    ToolReported,
    ToolStarted,
    UsageCounted,
)
from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.agents.words import Words
from clawfleet.agents.workspace import prepare
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError, ToolError
from clawfleet.core.messages import Message, StopReason, Thought, ToolCall, ToolSpec, Usage
from clawfleet.models import thinking
from clawfleet.models.client import Asker, Models
from clawfleet.models.failover import Switched
from clawfleet.models.providers.base import Finished, Sampling, TextDelta, ThoughtSealed, ToolCalled
from clawfleet.models.refs import ModelRef, split_pin
from clawfleet.routing.roster import Roster
from clawfleet.sessions.model import Note
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.output import for_model
from clawfleet.tools.registry import ToolBox
from clawfleet.tools.subject import Occasion

MAX_MODEL_CALLS = 64


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
    calls: list[ToolCall] | None = None
    thoughts: list[Thought] = field(default_factory=list)
    stop_reason: StopReason = "stop"
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stays the same through the turn."""

    asker: Asker
    tools: Mapping[str, Tool]
    specs: tuple[ToolSpec, ...]
    workspace: Path
    context_tokens: int
    sampling: Sampling


class Turns:
    """Runs turns. Holds no state of any of them."""

    def __init__(self, *, models: Models, toolbox: ToolBox, sessions: Sessions, roster: Roster) -> None:
        self.models = models
        self._toolbox = toolbox
        self._sessions = sessions
        self.roster = roster

    async def run(self, run: Run) -> Outcome:
        """The outcome of a turn that went well. Raises `GatewayError` when it did not; stops when cancelled."""
        setting, messages = await self._prepare(run)
        run.emit(Started(run.started_at_ms or now_ms()))
        run.emit(Status("starting_model"))
        for _ in range(MAX_MODEL_CALLS):
            reply = await self._ask(run, setting, messages)
            said = Message("assistant", reply.text, tool_calls=tuple(reply.calls or ()), thoughts=tuple(reply.thoughts))
            own = [call for call in said.tool_calls if call.name in setting.tools]
            theirs = tuple(call for call in said.tool_calls if call.name not in setting.tools)
            if theirs and run.asked.client_tools:
                return self._end(run, said, "toolUse", theirs)
            if not said.tool_calls:
                return self._end(run, said, reply.stop_reason)
            run.kept = len(run.spoken)
            await self._keep(run, reply.usage, said)
            results = [*await self._call_tools(run, setting, own), *(_unknown(call, setting) for call in theirs)]
            await self._keep(run, None, *results)
            messages = (*messages, said, *results)
        raise TooManySteps

    async def _prepare(self, run: Run) -> tuple[_Setting, tuple[Message, ...]]:
        run.emit(Status("preparing_workspace"))
        asked, agent = run.asked, self.roster.get(run.input.agent_id)
        workspace = Path(agent.workspace)
        files = await asyncio.to_thread(prepare, workspace)
        run.emit(Status("preparing_context"))
        catalog = self.models.catalog
        wanted = asked.model or run.session.choices.model
        ref = catalog.resolve(wanted, agent.id) if wanted else catalog.default(agent.id)
        if "image" not in catalog.row(ref).input and _shows_picture(asked):
            ref = catalog.image_model(agent.id) or ref
        run.model = ref
        row = catalog.row(ref)
        occasion = Occasion(model=str(ref), requester=asked.requester)
        tools = self._toolbox.equipment(agent.id, run.session_key, occasion, others=bool(asked.client_tools))
        specs = (*(tool.spec for tool in tools.values()), *asked.client_tools)
        system = prompt.system_prompt(
            agent_name=agent.name, workspace=str(workspace), files=files, tools=sorted(tools), extra=run.extra_system
        )
        if asked.context is not None:
            history = asked.context
        else:
            max_chars = int(row.context_window * prompt.CHARS_PER_TOKEN)
            entries = await self._sessions.transcript(run.input.session_id, max_chars=max_chars)
            history = prompt.as_said_to(run.run_id, entries)
        used = int((len(system) + sum(len(json.dumps(spec.parameters)) for spec in specs)) / prompt.CHARS_PER_TOKEN)
        fitting = prompt.conversation(history, context_tokens=row.context_window, used_tokens=used)
        if "image" not in row.input:
            fitting = prompt.without_images(fitting)
        effort = thinking.effort(asked.thinking or run.session.choices.thinking, row)
        sampling = asked.sampling if effort is None else replace(asked.sampling, reasoning_effort=effort)
        asker = Asker(agent.id, run.input.session_id, split_pin(wanted or "")[1], may_fall_back=wanted is None)
        setting = _Setting(asker, tools, specs, workspace, row.context_window, sampling)
        return setting, (Message("system", system), *fitting)

    async def _ask(self, run: Run, setting: _Setting, messages: tuple[Message, ...]) -> _Reply:
        reply, item_id = _Reply(), f"{run.run_id}:{len(run.spoken) + 1}"
        words = Words()
        run.spoken.append(words)
        assert run.model is not None
        run.emit(ModelChosen(run.model.provider, run.model.model))
        stream = self.models.stream(run.model, messages, setting.specs, setting.sampling, setting.asker)
        async with aclosing(stream):
            async for event in stream:
                match event:
                    case TextDelta(delta):
                        if new := words.hear(delta):
                            run.emit(TextGrew(words.told, new, item_id))
                    case ThoughtSealed(thought):
                        reply.thoughts.append(thought)
                    case Switched(ref):  # it answers to the end of the turn
                        run.model = ref
                        run.emit(ModelChosen(ref.provider, ref.model))
                    case ToolCalled(call):
                        reply.calls = [*(reply.calls or ()), call]
                    case Finished(stop_reason, usage):
                        reply.stop_reason, reply.usage = stop_reason, usage
        if rest := words.rest():
            run.emit(TextGrew(words.told, rest, item_id))
        reply.text = words.text
        run.usage += reply.usage
        run.last_usage = reply.usage
        run.emit(UsageCounted(run.usage.output))
        return reply

    async def _keep(self, run: Run, usage: Usage | None, *messages: Message) -> None:
        note = note_of(run.model, "toolUse", usage=usage)
        await self._sessions.append(run.input.session_id, run.run_id, messages, note)

    async def _call_tools(self, run: Run, setting: _Setting, calls: list[ToolCall]) -> list[Message]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._call_tool(run, setting, call)) for call in calls]
        return [task.result() for task in tasks]

    async def _call_tool(self, run: Run, setting: _Setting, call: ToolCall) -> Message:
        arguments = call.parsed()
        started = now_ms()
        run.emit(ToolStarted(call.id, call.name, arguments, started))
        context = ToolContext(
            run_id=run.run_id,
            session_key=run.session_key,
            agent_id=run.input.agent_id,
            workspace=setting.workspace,
            tool_call_id=call.id,
            report=lambda output: run.emit(ToolReported(call.id, call.name, output)),
        )
        try:
            result = await setting.tools[call.name].run(context, arguments)
        except ToolError as error:
            text = f"{error.message} {error.hint}" if error.hint else error.message
            result = ToolResult(text, is_error=True, details={"status": "failed", "code": error.code})
        if not result.is_error:
            run.tools_used.append(call.name)
        run.emit(ToolEnded(call.id, call.name, result.text, result.is_error, result.details, started, now_ms()))
        text = for_model(result.text, setting.context_tokens)
        return Message("tool", text, tool_call_id=call.id, tool_name=call.name, is_error=result.is_error)

    def _end(
        self, run: Run, said: Message, stop_reason: StopReason, client_calls: tuple[ToolCall, ...] = ()
    ) -> Outcome:
        # A call that the client must answer is not kept as a call: its answer arrives in the client's own history.
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


def _shows_picture(asked: TurnInput) -> bool:
    return bool(asked.context[-1].images if asked.context else asked.images)


def note_of(ref: ModelRef | None, stop_reason: str, error: str | None = None, usage: Usage | None = None) -> Note:
    """What is kept beside an assistant's message."""
    return Note(ref.provider if ref else None, ref.model if ref else None, stop_reason, error, usage=usage)


def _unknown(call: ToolCall, setting: _Setting) -> Message:
    offered = ", ".join(sorted(setting.tools)) or "none"
    text = f"Tool {call.name} not found. Tools on offer: {offered}."
    return Message("tool", text, tool_call_id=call.id, tool_name=call.name, is_error=True)
