"""What is shown of commands."""

from __future__ import annotations

import pytest

from clawfleet.sandbox.place import Exit
from clawfleet.tools.output import DROPPED
from clawfleet.tools.runtime import running as running_module
from clawfleet.tools.runtime import views
from clawfleet.tools.runtime.views import log_of, poll_of, row_of, table_of
from tests.unit.tools.runtime.conftest import Yard
from tests.unit.tools.runtime.scripted_place import ScriptedPlace


async def test_one_line_for_each(yard: Yard) -> None:
    running = await yard.background(ScriptedPlace(end=None), "echo start; sleep 9")
    ended = await yard.ended(ScriptedPlace(end=Exit(1)), "make")
    ended.ended_at_ms = ended.started_at_ms + 3_725_000
    text = table_of([running, ended]).text
    assert text == f"{running.id} running     0s :: echo start;\n{ended.id} failed    1h02m :: make"
    assert table_of([]).text == "No running or recent sessions."


async def test_rows_have_the_shape_clients_read(yard: Yard) -> None:
    row = row_of(await yard.background(ScriptedPlace(b"hi", None, pid=7), pty=True))
    assert set(row) == {
        *("sessionId", "status", "name", "command", "cwd", "startedAt", "runtimeMs", "tail", "truncated", "pid"),
        *("stdinWritable", "waitingForInput", "idleMs", "lastOutputAt"),
    }
    assert (row["stdinWritable"], row["waitingForInput"], row["tail"], row["pid"]) == (True, False, "hi", 7)
    over = row_of(await yard.ended(ScriptedPlace(end=Exit(4))))
    assert (over["status"], over["exitCode"], over["exitReason"]) == ("failed", 4, "exit")
    assert "stdinWritable" not in over


async def test_a_poll_tells_what_is_new(yard: Yard) -> None:
    place = ScriptedPlace(b"one\n", None)
    running = await yard.background(place)
    assert poll_of(running).text == "one\n\nProcess still running."
    assert poll_of(running).text == "(no new output)\n\nProcess still running."
    place.output(b"two\n")
    place.release.set()
    await running.over.wait()
    last = poll_of(running)
    assert last.text == "two\n\nProcess exited with code 0."
    assert (last.is_error, last.details["exitCode"], last.details["aggregated"]) == (False, 0, "one\ntwo")


async def test_a_poll_tells_of_a_bad_end(yard: Yard) -> None:
    """An exit code is told; what cut a command off is an error."""
    assert (
        poll_of(await yard.ended(ScriptedPlace(end=Exit(3)))).text == "(no new output)\n\nProcess exited with code 3."
    )
    late = poll_of(await yard.ended(ScriptedPlace(b"", None), timeout_s=0.01))
    assert late.is_error
    assert "Command timed out after 0.01 seconds" in late.text


async def test_a_poll_says_what_it_leaves_out(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the log still has it, or nobody."""
    monkeypatch.setattr(running_module, "PENDING", 5)
    monkeypatch.setattr(views, "PENDING", 5)
    running = await yard.ended(ScriptedPlace(b"0123456789"))
    assert poll_of(running).text.startswith("[only the last 5 characters; see log]\n56789")
    lost = await yard.ended(ScriptedPlace(b"x" * 300_000))
    assert poll_of(lost).text.startswith(f"{DROPPED}\nxxxxx\n")


async def test_a_log_is_read_by_lines(yard: Yard) -> None:
    lines = [f"line {number}" for number in range(500)]
    running = await yard.ended(ScriptedPlace("\n".join(lines).encode()))
    last = log_of(running, None, None).text
    assert last.startswith("line 300\n")
    assert last.endswith("line 499\n\n[lines 300-499 of 500; choose others by offset and limit]")
    assert log_of(running, 10, 2).text.startswith("line 10\nline 11\n\n[lines 10-11 of 500")
    assert log_of(running, 100, None).text.count("\nline ") == 399
    assert log_of(running, 0, None).text == "\n".join(lines)
    assert log_of(await yard.ended(ScriptedPlace()), None, None).text == "(no output)"


async def test_who_waits_for_input_is_shown(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what can take some, and only after a silence."""
    monkeypatch.setattr(views, "WAITS_AFTER_S", 0)
    asks = await yard.background(ScriptedPlace(b"password: ", None), pty=True)
    works = await yard.background(ScriptedPlace(b"", None))
    assert "it may wait for input" in poll_of(asks).text
    assert "it may wait for input" in log_of(asks, None, None).text
    assert "[waits for input]" in table_of([asks]).text
    assert "it may wait" not in poll_of(works).text
