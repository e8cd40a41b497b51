"""exec: what it accepts, what the model reads, what clients are told, and that its time limit ends the command."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Literal

import pytest

from clawfleet.sandbox.place import Command, Exit, Output
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.exec import ExecTool
from clawfleet.tools.failures import BadArguments, ToolDenied

DONE = Exit(0)


class ScriptedPlace:
    """A place that prints `said` and ends as told; with `end=None` it runs until it is cancelled."""

    host: Literal["gateway"] = "gateway"
    scope = "gateway"

    def __init__(self, said: bytes = b"", end: Exit | None = DONE) -> None:
        self.said, self.end = said, end
        self.commands: list[Command] = []
        self.was_cancelled = False

    def directory(self, command: Command) -> str:
        return f"{command.workspace}/{command.workdir or ''}"

    async def run(self, command: Command, output: Output) -> Exit:
        self.commands.append(command)
        output(self.said)
        if self.end is not None:
            return self.end
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            output(b"last words\n")
            raise
        raise AssertionError


async def run(place: ScriptedPlace, timeout_s: float = 60, /, **arguments: object) -> ToolResult:
    context = ToolContext("run", "agent:main:main", "main", Path("/w"), "call", lambda text: None)
    return await ExecTool(place, timeout_s=timeout_s).run(context, arguments)


@pytest.mark.parametrize(
    ("said", "end", "text", "is_error"),
    [
        (b"hi\n", Exit(0), "hi", False),
        (b"", Exit(0), "(no output)", False),
        (b"  indented\n\n", Exit(0), "  indented", False),
        (b"no such file\n", Exit(3), "no such file\n\n(Command exited with code 3)", False),
        (b"", Exit(1), "(no output)\n\n(Command exited with code 1)", False),
    ],
)
async def test_what_the_model_reads(said: bytes, end: Exit, text: str, is_error: bool) -> None:
    """Output first, the exit code only when it says something."""
    result = await run(ScriptedPlace(said, end), command="x")
    assert (result.text, result.is_error) == (text, is_error)


async def test_a_command_that_a_signal_ended_failed() -> None:
    """The model learns the signal; clients see a failure."""
    result = await run(ScriptedPlace(b"half", Exit(None, "SIGKILL")), command="x")
    assert result.text.startswith("half\n\nCommand aborted by signal SIGKILL")
    assert result.is_error
    assert result.details["exitSignal"] == "SIGKILL"
    assert result.details["failureKind"] == "signal"


async def test_details_have_the_shape_clients_read() -> None:
    """Names and types as on the wire of the original."""
    result = await run(ScriptedPlace(b"hi\n"), command="x", workdir="sub")
    duration = result.details["durationMs"]
    assert isinstance(duration, int)
    assert result.details == {
        "status": "completed",
        "exitCode": 0,
        "exitSignal": None,
        "exitReason": "exit",
        "durationMs": duration,
        "aggregated": "hi",
        "timedOut": False,
        "noOutputTimedOut": False,
        "cwd": "/w/sub",
    }


@pytest.mark.parametrize("name", ["timeoutSeconds", "timeout"])
async def test_the_calls_own_limit_ends_the_command(name: str) -> None:
    """A command that hangs is cancelled, and its output so far is not lost."""
    place = ScriptedPlace(b"working\n", None)
    result = await run(place, 60, command="x", **{name: 0.02})
    assert place.was_cancelled
    assert result.is_error
    assert result.text.startswith("working\nlast words\n\nCommand timed out after 0.02 seconds.")
    assert result.details["timedOut"] is True
    assert result.details["failureKind"] == "overall-timeout"
    assert result.details["exitSignal"] == "SIGTERM"


async def test_the_configured_limit_holds_when_the_call_names_none() -> None:
    """tools.exec.timeoutSeconds is the default."""
    result = await run(ScriptedPlace(b"", None), 0.02, command="x")
    assert "Command timed out after 0.02 seconds." in result.text


async def test_zero_is_no_limit() -> None:
    """0 switches the limit off, even when one is configured."""
    result = await run(ScriptedPlace(b"ok"), 0.00001, command="x", timeoutSeconds=0)
    assert result.text == "ok"


async def test_an_inner_timeout_is_not_mistaken_for_the_limit() -> None:
    """A place that fails with its own TimeoutError has a bug; it must not look like a slow command."""

    class Broken(ScriptedPlace):
        async def run(self, command: Command, output: Output) -> Exit:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await run(Broken(), command="x")


async def test_an_aborted_turn_cancels_the_command() -> None:
    """Cancelling the call cancels the place and is not swallowed."""
    place = ScriptedPlace(b"", None)
    started = asyncio.Event()
    context = ToolContext("run", "agent:main:main", "main", Path("/w"), "call", lambda text: started.set())
    place.said = b"x"
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        task = group.create_task(ExecTool(place, timeout_s=60).run(context, {"command": "x"}))
        await started.wait()
        task.cancel()
    assert task.cancelled()
    assert place.was_cancelled


async def test_partial_output_is_reported() -> None:
    """A client sees output while the command runs."""
    heard: list[str] = []
    context = ToolContext("run", "agent:main:main", "main", Path("/w"), "call", heard.append)
    await ExecTool(ScriptedPlace(b"hello"), timeout_s=60).run(context, {"command": "x"})
    assert heard == ["hello"]


async def test_the_command_reaches_the_place_as_asked() -> None:
    """Line, directory and variables arrive; numbers became text."""
    place = ScriptedPlace()
    await run(place, command="make test", workdir="sub", env={"JOBS": 2})
    assert place.commands == [Command("make test", Path("/w"), "sub", {"JOBS": "2"})]


@pytest.mark.parametrize("name", ["PATH", "Path", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES"])
async def test_variables_that_choose_the_code_are_refused(name: str) -> None:
    """The environment cannot swap the programs a command means."""
    place = ScriptedPlace()
    with pytest.raises(ToolDenied, match=name):
        await run(place, command="x", env={name: "/tmp/evil"})
    assert place.commands == []


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"command": ""},
        {"command": ["ls"]},
        {"command": "a\0b"},
        {"command": "x", "workdir": "a\0b"},
        {"command": "x", "env": {"A": "a\0b"}},
        {"command": "x", "env": {"not a name": "1"}},
        {"command": "x", "env": {"A=B": "1"}},
        {"command": "x", "timeoutSeconds": -1},
        {"command": "x", "background": True},
    ],
)
async def test_arguments_that_make_no_sense_start_nothing(arguments: dict[str, object]) -> None:
    """Bad arguments are told to the model before anything runs."""
    place = ScriptedPlace()
    with pytest.raises(BadArguments):
        await run(place, **arguments)
    assert place.commands == []


def test_models_are_told_of_four_parameters() -> None:
    """What is not built is not offered."""
    properties = ExecTool.spec.parameters["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == ["command", "workdir", "env", "timeoutSeconds"]
    assert ExecTool.spec.parameters["required"] == ["command"]


async def test_the_log_holds_no_command(caplog: pytest.LogCaptureFixture) -> None:
    """Commands carry secrets; the log has their length and digest."""
    with caplog.at_level(logging.INFO):
        await run(ScriptedPlace(b"out"), command="curl -H 'Authorization: Bearer hunter2'", env={"T": "hunter2"})
    assert "hunter2" not in caplog.text
    assert "sha256" in caplog.text
