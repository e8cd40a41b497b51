"""Runs the tool calls of one model answer: in their order, looking ones side by side; each has its result on disk.

Whatever happens to a call, it ends with a result that the model can read. Source: tools-and-sessions §6.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

from clawfleet.agents.context import Setting
from clawfleet.agents.events import LoopNoticed, ToolEnded, ToolReported, ToolStarted
from clawfleet.agents.run import Run
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import ToolError
from clawfleet.core.messages import Message, ToolCall
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.loops import Loop, note_of
from clawfleet.tools.output import for_model

log = logging.getLogger("clawfleet.agents")

AT_ONCE = 8
"""Looking calls that run at the same time."""

Keep = Callable[[Message], Awaitable[None]]


async def run_calls(run: Run, setting: Setting, calls: Sequence[ToolCall], keep: Keep) -> list[Message]:
    """The results in the order of `calls`; `keep` gets each as soon as it is there."""
    results: dict[int, Message] = {}

    async def work(number: int) -> None:
        results[number] = await _one(run, setting, calls[number])
        await keep(results[number])

    for group in groups(calls, setting):
        async with asyncio.TaskGroup() as tasks:
            for number in group:
                tasks.create_task(work(number))
    return [results[number] for number in range(len(calls))]


def groups(calls: Sequence[ToolCall], setting: Setting) -> Iterator[list[int]]:
    """The calls' numbers, those together that may run at once: looking ones side by side; any other waits for those
    before it."""
    group: list[int] = []
    for number, call in enumerate(calls):
        looks = call.name in setting.tools and setting.tools[call.name].spec.only_looks
        if group and (not looks or len(group) == AT_ONCE):
            yield group
            group = []
        if looks:
            group.append(number)
        else:
            yield [number]
    if group:
        yield group


async def _one(run: Run, setting: Setting, call: ToolCall) -> Message:
    """The result of one call. One that would go on with a loop is not run, one that begins to is warned of."""
    arguments = call.parsed()
    if (loop := setting.loops.before(call.name, arguments)) is not None:
        _tell_loop(run, call, loop)
        details = {"status": "blocked", "deniedReason": "tool-loop", "detector": loop.detector, "count": loop.count}
        result = ToolResult(loop.text, is_error=True, details=details)
        _tell_end(run, call, result, now_ms())
        return _message(call, result, loop.text)
    is_known = call.name in setting.tools
    result = await _run(run, setting, call, arguments) if is_known else _unknown(call, setting)
    text = for_model(result.text, setting.context_tokens)
    if (loop := setting.loops.after(call.name, arguments, result.text, result.details, known=is_known)) is not None:
        _tell_loop(run, call, loop)
        text = f"{text}\n\n{note_of(loop)}"
    return _message(call, result, text)


async def _run(run: Run, setting: Setting, call: ToolCall, arguments: Mapping[str, object]) -> ToolResult:
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
    except Exception:
        log.exception("tool %s failed by a bug in run %s", call.name, run.run_id)
        result = _bug(call.name, run.run_id)
    if result.last_words is not None:
        run.yielded = result.last_words
    if not result.is_error:
        run.tools_used.append(call.name)
    _tell_end(run, call, result, started)
    return result


def _tell_end(run: Run, call: ToolCall, result: ToolResult, started: int) -> None:
    run.emit(ToolEnded(call.id, call.name, result.text, result.is_error, result.details, started, now_ms()))


def _tell_loop(run: Run, call: ToolCall, loop: Loop) -> None:
    log.warning("run %s repeats itself: %s, %s, %d times", run.run_id, loop.tool, loop.detector, loop.count)
    run.emit(LoopNoticed(call.id, loop.tool, loop.level, loop.detector, loop.count, loop.text))


def _message(call: ToolCall, result: ToolResult, text: str) -> Message:
    return Message(
        "tool", text, images=result.images, tool_call_id=call.id, tool_name=call.name, is_error=result.is_error
    )


def _unknown(call: ToolCall, setting: Setting) -> ToolResult:
    offered = ", ".join(sorted(setting.tools)) or "none"
    return ToolResult(f"Tool {call.name} not found. Tools on offer: {offered}.", is_error=True)


def _bug(name: str, run_id: str) -> ToolResult:
    said = {"status": "error", "tool": name, "error": f"The tool failed inside the gateway; its log has run {run_id}."}
    return ToolResult(json.dumps(said), is_error=True, details=said)
