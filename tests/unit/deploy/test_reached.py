"""pyinfra acts on a host over one kept connection."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from io import UnsupportedOperation
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.api import StringCommand

from clawfleet.fleet.models.host import Connect
from control.converge import Trouble
from control.reach import HostFailedError, Reach
from control.reached import ReachedHost

HOST: Any = SimpleNamespace(data=SimpleNamespace(get=lambda *_: None))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReachedHost]:
    """This machine as a host, without sudo."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with asyncio.Runner() as runner:
        reached = ReachedHost(None, HOST, Reach("here", Connect(via="local"), Path()), runner)
        reached.connect()
        yield reached
        reached.disconnect()


def test_a_command_has_its_input_exit_code_and_both_outputs(here: ReachedHost) -> None:
    """Input ends with a line break, as with pyinfra's own connectors."""
    good, said = here.run_shell_command(
        StringCommand("cat; echo no >&2; exit 3"), _stdin="a\nb", _success_exit_codes=[3]
    )
    assert (good, said.stdout_lines, said.stderr_lines) == (True, ["a", "b"], ["no"])
    assert here.run_shell_command("exit 3")[0] is False


def test_a_file_is_closed_to_others_from_its_first_byte(here: ReachedHost, tmp_path: Path) -> None:
    """It goes to standard input, and nothing of it lies elsewhere."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(2**20))
    assert here.put_file(str(source), str(target))
    assert (target.read_bytes() == source.read_bytes(), target.stat().st_mode & 0o777) == (True, 0o600)
    with pytest.raises(ConnectionError, match="cannot create"):
        here.put_file(str(source), str(tmp_path / "no" / "target"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]


def test_a_connection_that_is_cut_fails_the_command(here: ReachedHost) -> None:
    """pyinfra tells it as the failure of the operation."""
    with pytest.raises(ConnectionError):
        here.run_shell_command("kill -9 $PPID; sleep 1")
    assert here.run_shell_command("true")[0]


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("exit 255", "the connection was cut (exit code 255)"),
        ("exit 137", "the connection was cut (exit code 137)"),
        ("echo Timeout, server a not responding. >&2; exit 255", "the connection was cut (Timeout, server a not resp"),
        ("echo cat: write error: No space left on device >&2; exit 1", "cat: write error: No space left on device"),
    ],
)
def test_a_file_that_does_not_arrive(
    here: ReachedHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: str, told: str
) -> None:
    """A cut is told as one, also by an ssh that says little; what else is in the way in the host's own words."""
    monkeypatch.setattr(Reach, "command", lambda *_, **__: ["sh", "-c", end])
    source = tmp_path / "source"
    source.write_bytes(os.urandom(2**20))
    with pytest.raises(ConnectionError) as caught:
        here.put_file(str(source), str(tmp_path / "target"))
    assert str(caught.value).startswith(told)


def test_what_is_not_supported_is_refused(here: ReachedHost) -> None:
    """Better than a command that runs without it."""
    with pytest.raises(UnsupportedOperation, match="_env"):
        here.run_shell_command("true", _env={"A": "b"})


def test_a_host_that_cannot_be_reached_says_so_at_once(tmp_path: Path) -> None:
    """With the step and what helps."""
    with asyncio.Runner() as runner, pytest.raises(HostFailedError) as caught:
        ReachedHost(None, HOST, Reach("a", Connect(hostname="127.0.0.1", port=1), tmp_path), runner).connect()
    assert caught.value.step == "connect"


def test_a_cut_is_told_in_plain_words() -> None:
    """Not in pyinfra's, which name a Python class."""
    trouble = Trouble()
    with trouble:
        error = "ConnectionError('the connection was cut (exit code 255)',)"
        logging.getLogger("pyinfra").error(f"    [\x1b[1m@local\x1b[0m] Command socket/SSH error: {error}")
        logging.getLogger("pyinfra").error("    [@local] Error: could not load fact: facts.placed.PlacedFile path=/a")
        raise OSError
    assert trouble.said == "the connection was cut (exit code 255)"


def test_a_fact_that_fails_without_words_is_named() -> None:
    """Better than nothing."""
    trouble = Trouble()
    with trouble:
        logging.getLogger("pyinfra").error("    [@local] Error: could not load fact: facts.placed.PlacedFile path=/a")
        raise OSError
    assert trouble.said == "Error: could not load fact: facts.placed.PlacedFile path=/a"
