"""exec: what it accepts, what the model reads, what clients are told, and that its time limit ends the command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from clawfleet.config.models.tools import ExecConfig
from clawfleet.core.errors import ToolError
from clawfleet.sandbox.place import Closed, Command, Exit, Output, Place
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.failures import BadArguments, ToolDenied
from clawfleet.tools.runtime.exec import ExecTool, Terms, refuse_other_host
from clawfleet.tools.runtime.processes import Processes
from tests.unit.tools.runtime.scripted_place import ScriptedPlace

Call = Callable[..., Any]


@pytest.fixture
async def processes() -> AsyncIterator[Processes]:
    kept = Processes()
    yield kept
    await kept.close()


@pytest.fixture
def run(processes: Processes) -> Call:
    """One call of exec in a place."""

    async def call(
        place: Place,
        timeout_s: float = 60,
        /,
        *,
        report: Callable[[str], None] = lambda text: None,
        may_background: bool = True,
        **arguments: object,
    ) -> ToolResult:
        config = ExecConfig.model_construct(None, timeout_seconds=cast(Any, timeout_s))
        tool = ExecTool(Terms(config, place, may_background), processes, choose=lambda asked, context: place)
        context = ToolContext("run", "agent:main:main", "main", Path("/w"), "call", report)
        return await tool.run(context, arguments)

    return call


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
async def test_what_the_model_reads(run: Call, said: bytes, end: Exit, text: str, is_error: bool) -> None:
    """Output first, the exit code only when it says something."""
    result = await run(ScriptedPlace(said, end), command="x")
    assert (result.text, result.is_error) == (text, is_error)


async def test_a_command_that_a_signal_ended_failed(run: Call) -> None:
    """The model learns the signal; clients see a failure."""
    result = await run(ScriptedPlace(b"half", Exit(None, "SIGKILL")), command="x")
    assert result.text.startswith("half\n\nCommand aborted by signal SIGKILL")
    assert result.is_error
    assert result.details["exitSignal"] == "SIGKILL"
    assert result.details["failureKind"] == "signal"


async def test_details_have_the_shape_clients_read(run: Call) -> None:
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
async def test_the_calls_own_limit_ends_the_command(run: Call, name: str) -> None:
    """A command that hangs is cancelled, and its output so far is not lost."""
    place = ScriptedPlace(b"working\n", None)
    result = await run(place, 60, command="x", **{name: 0.02})
    assert place.was_cancelled
    assert result.is_error
    assert result.text.startswith("working\nlast words\n\nCommand timed out after 0.02 seconds.")
    assert result.details["timedOut"] is True
    assert result.details["failureKind"] == "overall-timeout"
    assert result.details["exitSignal"] == "SIGTERM"


async def test_the_configured_limit_holds_when_the_call_names_none(run: Call) -> None:
    """tools.exec.timeoutSeconds is the default."""
    result = await run(ScriptedPlace(b"", None), 0.02, command="x")
    assert "Command timed out after 0.02 seconds." in result.text


async def test_zero_is_no_limit(run: Call) -> None:
    """0 switches the limit off, even when one is configured."""
    result = await run(ScriptedPlace(b"ok"), 0.00001, command="x", timeoutSeconds=0)
    assert result.text == "ok"


async def test_an_inner_timeout_is_not_mistaken_for_the_limit(run: Call) -> None:
    """A place that fails with its own TimeoutError has a bug; it must not look like a slow command."""

    class Broken(ScriptedPlace):
        async def run(self, command: Command, output: Output) -> Exit:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await run(Broken(), command="x")


async def test_an_aborted_turn_cancels_the_command(run: Call) -> None:
    """Cancelling the call cancels the place and is not swallowed."""
    place = ScriptedPlace(b"", None)
    started = asyncio.Event()
    place.said = b"x"
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        task = group.create_task(run(place, command="x", report=lambda text: started.set()))
        await started.wait()
        task.cancel()
    assert task.cancelled()
    assert place.was_cancelled


async def test_partial_output_is_reported(run: Call) -> None:
    """A client sees output while the command runs."""
    heard: list[str] = []
    await run(ScriptedPlace(b"hello"), command="x", report=heard.append)
    assert heard == ["hello"]


async def test_the_command_reaches_the_place_as_asked(run: Call) -> None:
    """Line, directory and variables arrive; numbers became text."""
    place = ScriptedPlace()
    await run(place, command="make test", workdir="sub", env={"JOBS": 2})
    assert place.commands == [Command("make test", Path("/w"), "sub", {"JOBS": "2"})]


@pytest.mark.parametrize("name", ["PATH", "Path", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES"])
async def test_variables_that_choose_the_code_are_refused(run: Call, name: str) -> None:
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
        {"command": "x", "yieldMs": -1},
        {"command": "x", "host": "example.org"},
        {"command": "x", "title": "t" * 121},
    ],
)
async def test_arguments_that_make_no_sense_start_nothing(run: Call, arguments: dict[str, object]) -> None:
    """Bad arguments are told to the model before anything runs."""
    place = ScriptedPlace()
    with pytest.raises(BadArguments):
        await run(place, **arguments)
    assert place.commands == []


def test_models_are_told_of_what_is_built() -> None:
    """What is not built is not offered."""
    properties = ExecTool.spec.parameters["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == [
        *("command", "title", "workdir", "env", "yieldMs", "background", "timeoutSeconds", "pty", "host"),
        *("elevated", "security", "ask", "node"),
    ]
    assert ExecTool.spec.parameters["required"] == ["command"]


async def test_the_log_holds_no_command(run: Call, caplog: pytest.LogCaptureFixture) -> None:
    """Commands carry secrets; the log has their length and digest."""
    with caplog.at_level(logging.INFO):
        await run(ScriptedPlace(b"out"), command="curl -H 'Authorization: Bearer hunter2'", env={"T": "hunter2"})
    assert "hunter2" not in caplog.text
    assert "sha256" in caplog.text


async def test_a_long_command_goes_to_the_background(run: Call, processes: Processes) -> None:
    """After yieldMs, with what it said so far; its turn may end, it goes on."""
    place = ScriptedPlace(b"working\n", None, pid=4962)
    heard: list[str] = []
    result = await run(place, command="make all", yieldMs=5, report=heard.append)
    running = processes.find(place.owner(), str(result.details["sessionId"]))
    assert running is not None
    assert result.text == (
        f"Command still running (session {running.id}, pid 4962). Use process "
        "(list/poll/log/write/send-keys/submit/paste/kill/clear/remove) for follow-up.\n\nworking\n"
    )
    assert result.details == {
        "status": "running",
        "sessionId": running.id,
        "pid": 4962,
        "startedAt": running.started_at_ms,
        "cwd": "/w/",
        "tail": "working\n",
    }
    place.output(b"more")
    assert heard == ["working\n"]
    assert running.status == "running"


async def test_background_does_not_wait(run: Call, processes: Processes) -> None:
    """Where the place has no process id to tell, none is told."""
    place = ScriptedPlace(b"", None)
    result = await run(place, command="x", background=True)
    assert result.details["status"] == "running"
    assert result.text.startswith(f"Command still running (session {result.details['sessionId']}). Use process")


async def test_what_cannot_start_is_told_at_once(run: Call, processes: Processes) -> None:
    """Also when it was to go to the background; nothing of it is kept."""
    place = Closed("sandbox", ToolError("no sandbox"))
    for background in (False, True):
        with pytest.raises(ToolError, match="no sandbox"):
            await run(place, command="x", background=background)
    assert processes._all == {}


async def test_a_quick_command_in_the_background_is_just_done(run: Call) -> None:
    result = await run(ScriptedPlace(b"hi\n"), command="x", background=True)
    assert (result.text, result.details["status"]) == ("hi", "completed")


async def test_without_process_every_call_waits(run: Call) -> None:
    """Nobody could go on with it."""
    place = ScriptedPlace(b"", None)
    async with asyncio.timeout(30):
        result = await run(place, 0.05, command="x", yieldMs=0, background=True, may_background=False)
    assert result.details["timedOut"] is True


async def test_the_limit_goes_on_in_the_background(run: Call, processes: Processes) -> None:
    """yieldMs is no timeout, and no reprieve from one."""
    place = ScriptedPlace(b"", None)
    result = await run(place, command="x", yieldMs=0, timeoutSeconds=0.05)
    running = processes.find(place.owner(), str(result.details["sessionId"]))
    assert running is not None
    async with asyncio.timeout(30):
        await running.over.wait()
    assert (running.timed_out, running.status, place.was_cancelled) == (True, "failed", True)


async def test_a_finished_call_leaves_nothing(run: Call, processes: Processes) -> None:
    await run(ScriptedPlace(b"hi"), command="x")
    assert processes._all == {}


async def test_a_terminal_is_asked_for(run: Call) -> None:
    """Only with pty; its line ends read like any other's."""
    place = ScriptedPlace(b"one\r\ntwo\r\n")
    assert (await run(place, command="x", pty=True)).text == "one\ntwo"
    assert place.commands[0].keyboard is not None
    await run(place, command="x")
    assert place.commands[1].keyboard is None


@pytest.mark.parametrize("name", ["BASH_ENV", "NODE_OPTIONS", "PYTHONPATH", "GIT_SSH_COMMAND", "OPENCLAW_STATE_DIR"])
async def test_a_sandbox_may_be_given_any_variable(run: Call, name: str) -> None:
    """What it loads is its own affair; the host's is not."""
    with pytest.raises(ToolDenied, match=name):
        await run(ScriptedPlace(), command="x", env={name: "x"})
    inside = ScriptedPlace(host="sandbox")
    await run(inside, command="x", env={name: "x"})
    assert inside.commands[0].env == {name: "x"}


async def test_exec_stands_in_for_no_person(run: Call) -> None:
    with pytest.raises(ToolDenied, match="/approve is a command of the chat"):
        await run(ScriptedPlace(), command=" /approve abc allow-once")


@pytest.mark.parametrize(
    ("asked", "host", "denied"),
    [
        (None, "gateway", False),
        ("auto", "sandbox", False),
        ("gateway", "gateway", False),
        ("gateway", "sandbox", True),
        ("sandbox", "gateway", True),
        ("node", "gateway", True),
    ],
)
def test_a_call_does_not_choose_another_host(asked: str | None, host: Any, denied: bool) -> None:
    """Least of all out of a sandbox."""
    place = ScriptedPlace(host=host)
    if not denied:
        refuse_other_host(asked, place, "auto")
        return
    with pytest.raises(ToolDenied, match=f"exec host not allowed \\(requested {asked}"):
        refuse_other_host(asked, place, "auto")
