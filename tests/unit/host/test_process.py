"""What a pid tells about its process."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from clawfleet.host import process
from clawfleet.host.process import find_process, is_same_process, parents, read_ps, start_mark, this_process


def test_a_process_sees_itself_with_user_and_start_time() -> None:
    me = this_process()
    assert me.pid == os.getpid()
    assert me.uid == os.getuid()
    assert 0 < me.started_at_ms <= time.time() * 1000 + 2000
    assert "py" in me.command


def test_start_time_and_pid_together_name_a_process() -> None:
    me = this_process()
    assert is_same_process(me.pid, me.started_at_ms)
    assert not is_same_process(me.pid, me.started_at_ms - 60_000)


def test_the_mark_of_a_start_is_that_of_one_process() -> None:
    mark, parents_mark = start_mark(os.getpid()), start_mark(os.getppid())
    assert mark is not None
    assert parents_mark is not None
    assert mark >= parents_mark
    assert mark == start_mark(os.getpid())
    assert start_mark(2**22 + 1) is None


def test_the_mark_of_a_start_on_macos_is_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `ps` tells it."""
    started = this_process().started_at_ms
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(
        process, "_ps", lambda pid, columns: time.strftime("S 0 %a %b %d %H:%M:%S %Y x", time.gmtime(started / 1000))
    )
    assert start_mark(os.getpid()) == started // 1000


def test_an_ended_process_is_not_found_even_before_its_parent_looked() -> None:
    """A zombie does nothing any more, so it holds nothing up."""
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert find_process(child.pid) is not None
    assert child.stdin
    child.stdin.close()
    deadline = time.monotonic() + 10
    while find_process(child.pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert find_process(child.pid) is None
    child.wait()


@pytest.mark.parametrize("pid", [0, -1])
def test_no_process_has_a_pid_below_one(pid: int) -> None:
    assert find_process(pid) is None


def test_secrets_in_the_argument_line_are_not_shown() -> None:
    code = "import sys; print('up', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "--token", "s3cret", "--password=hunter2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout
        assert child.stdout.readline() == b"up\n"  # before that it may not have its arguments yet
        found = find_process(child.pid)
        assert child.stdin
        child.stdin.close()
    assert found is not None
    assert "s3cret" not in found.command
    assert "hunter2" not in found.command
    assert "--token …" in found.command


def test_a_line_of_ps_is_read_as_macos_prints_it() -> None:
    line = "S+     501 Thu Nov  6 10:15:02 2025 /opt/venv/bin/python /opt/venv/bin/openclaw gateway --port 18789\n"
    found = read_ps(77, line)
    assert found is not None
    assert (found.pid, found.uid) == (77, 501)
    assert found.command.endswith("openclaw gateway --port 18789")
    assert time.strftime("%H:%M:%S", time.gmtime(found.started_at_ms / 1000)) == "10:15:02"


@pytest.mark.parametrize("text", ["", "Z      501 Thu Nov  6 10:15:02 2025 (python)\n"])
def test_ps_without_a_running_process_gives_none(text: str) -> None:
    assert read_ps(77, text) is None


@pytest.mark.skipif(sys.platform != "linux", reason="compares ps with /proc")
@pytest.mark.parametrize("zone", ["UTC", "XXX-14", "YYY+10"])
def test_ps_and_proc_agree_about_this_process(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """The macOS way is also tried where the suite runs: ps has the same flags there. Whatever the time zone is."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", zone)
        time.tzset()
        shown = process._from_ps(os.getpid())
    time.tzset()
    assert shown is not None
    assert shown.uid == os.getuid()
    assert abs(shown.started_at_ms - this_process().started_at_ms) <= 2000


def test_parents_are_told_from_near_to_far() -> None:
    found = parents(os.getpid())
    assert found[0] == os.getppid()
    assert parents(0) == ()
    assert parents(999_999_999) == ()
