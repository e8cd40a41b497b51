"""`process`: looks after commands in the background. Source: tools-and-sessions §2, §2.1 and §3.1."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from clawfleet.core.errors import ToolError
from clawfleet.core.messages import ToolSpec
from clawfleet.sandbox.place import Place
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.runtime.keys import keys_bytes, paste_bytes
from clawfleet.tools.runtime.processes import Processes
from clawfleet.tools.runtime.running import Owner, Running, within
from clawfleet.tools.runtime.views import log_of, poll_of, row_of, table_of
from clawfleet.tools.seat import Seat

LONGEST_POLL_MS = 30_000
END_OF_INPUT = b"\x04"
"""What ends the input on a terminal: Ctrl-D."""

Action = Literal["list", "poll", "log", "write", "send-keys", "submit", "paste", "kill", "clear", "remove"]


class ProcessArguments(Arguments):
    """What a model may ask of process."""

    action: Annotated[Action, Field(description="What to do.")]
    session_id: Annotated[
        str | None, Field(alias="sessionId", description="Which command, as exec named it; for all but list.")
    ] = None
    data: Annotated[str, Field(description="write: text to type.")] = ""
    keys: Annotated[tuple[str, ...], Field(description="send-keys: keys like Enter, Up, C-c, M-x.")] = ()
    hex: Annotated[tuple[str, ...], Field(description="send-keys: bytes as hexadecimal digits.")] = ()
    literal: Annotated[str, Field(description="send-keys: text as it is.")] = ""
    text: Annotated[str, Field(description="paste: text to paste.")] = ""
    bracketed: Annotated[bool, Field(description="paste: so that line ends in it are not taken for Enter.")] = True
    eof: Annotated[bool, Field(description="write: then end the input.")] = False
    offset: Annotated[float | None, Field(ge=0, description="log: first line, from 0.")] = None
    limit: Annotated[float | None, Field(ge=1, description="log: most lines.")] = None
    timeout: Annotated[float, Field(ge=0, description="poll: wait so many milliseconds for its end.")] = 0


class ProcessTool:
    """Looks after the commands that one place of an agent has in the background."""

    spec = ToolSpec(
        name="process",
        description=(
            "Look after commands that exec left in the background. list: all of them; poll: new output and whether it "
            "ended; log: output by lines; write, send-keys, submit (Enter), paste: input for one that runs on a "
            "terminal; kill: stop it; clear: forget one that ended; remove: stop and forget it."
        ),
        parameters=ProcessArguments.parameters(),
    )

    def __init__(self, processes: Processes, home: Place) -> None:
        """`home` is where the session works."""
        self._processes = processes
        self._home = home

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """What became of it. Raises `ToolError` for a command that there is not, or input that it does not take."""
        asked = ProcessArguments.read(self.spec.name, arguments)
        owner = Owner(context.agent_id, context.session_key, self._home.scope)
        if asked.action == "list":
            return table_of(self._processes.visible(owner))
        if not asked.session_id:
            raise ToolError(f"sessionId is required for {asked.action}.")
        running = self._processes.find(owner, asked.session_id)
        if running is None:
            raise ToolError(f"No session found for {asked.session_id}")
        return await self._actions[asked.action](running, asked)

    @property
    def _actions(self) -> Mapping[str, Callable[[Running, ProcessArguments], Awaitable[ToolResult]]]:
        return {
            "poll": _poll,
            "log": _log,
            "write": _write,
            "send-keys": _send_keys,
            "submit": _submit,
            "paste": _paste,
            "kill": _kill,
            "clear": self._clear,
            "remove": self._remove,
        }

    async def _clear(self, running: Running, asked: ProcessArguments) -> ToolResult:
        if not running.over.is_set():
            raise ToolError(f"Session {running.id} still runs; use kill or remove.")
        self._processes.forget(running)
        return ToolResult(f"Cleared session {running.id}.", details={"status": "completed"})

    async def _remove(self, running: Running, asked: ProcessArguments) -> ToolResult:
        was_over = running.over.is_set()
        self._processes.forget(running)
        await running.over.wait()
        note = "" if was_over else " (it was stopped)"
        return ToolResult(f"Removed session {running.id}{note}.", details={"status": "completed"})


def for_seat(seat: Seat) -> ProcessTool:
    """Every session may look after its commands."""
    return ProcessTool(seat.processes, seat.place)


async def _poll(running: Running, asked: ProcessArguments) -> ToolResult:
    with running.watched():
        if asked.timeout:
            await within(running.over, min(asked.timeout, LONGEST_POLL_MS) / 1000)
        return poll_of(running)


async def _log(running: Running, asked: ProcessArguments) -> ToolResult:
    offset = None if asked.offset is None else int(asked.offset)
    return log_of(running, offset, None if asked.limit is None else int(asked.limit))


async def _write(running: Running, asked: ProcessArguments) -> ToolResult:
    data = asked.data.encode()
    await _type(running, data + END_OF_INPUT * asked.eof)
    return _done(running, f"Wrote {len(data)} bytes to session {running.id}{' (input ended)' * asked.eof}.")


async def _send_keys(running: Running, asked: ProcessArguments) -> ToolResult:
    data = keys_bytes(asked.keys, asked.hex, asked.literal)
    if not data:
        raise ToolError("No key data provided: give keys, hex or literal.")
    await _type(running, data)
    return _done(running, f"Sent {len(data)} bytes to session {running.id}.")


async def _submit(running: Running, asked: ProcessArguments) -> ToolResult:
    await _type(running, b"\r")
    return _done(running, f"Submitted session {running.id} (sent CR).")


async def _paste(running: Running, asked: ProcessArguments) -> ToolResult:
    if not asked.text:
        raise ToolError("No paste text provided.")
    await _type(running, paste_bytes(asked.text, bracketed=asked.bracketed))
    return _done(running, f"Pasted {len(asked.text)} chars to session {running.id}.")


async def _kill(running: Running, asked: ProcessArguments) -> ToolResult:
    if running.over.is_set():
        raise ToolError(f"Session {running.id} has ended already.")
    running.stop()
    await running.over.wait()
    return ToolResult(f"Killed session {running.id}.", details=row_of(running))


async def _type(running: Running, data: bytes) -> None:
    if running.keyboard is None or not running.takes_input:
        raise ToolError(f"Session {running.id} takes no input: {_why_no_input(running)}.")
    await running.keyboard.type(data)


def _why_no_input(running: Running) -> str:
    if running.over.is_set():
        return "it has ended"
    return "it runs outside the sandbox" if running.is_outside else "start it with pty: true to type to it"


def _done(running: Running, text: str) -> ToolResult:
    return ToolResult(text, details={"status": "running", "sessionId": running.id, "name": running.name})
