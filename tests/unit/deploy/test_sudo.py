"""A password reaches sudo, and nothing else; a wrong one is tried once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api import StringCommand
from pyinfra.connectors.util import CommandOutput, OutputLine

from sudo import as_root, become_root, knowing, prelude

SUDO = """#!/usr/bin/env python3
import os, sys
words = sys.argv[1:]
while words[0].startswith("-"):
    words = words[2:] if words[0] == "-p" else words[1:]
with open(os.environ["ATTEMPTS"], "a") as log:
    for attempt in range(3):
        line = b""
        while not line.endswith(b"\\n") and (byte := os.read(0, 1)):
            line += byte
        if not line:
            sys.exit("sudo: no password was provided\\nsudo: 1 incorrect password attempt")
        log.write(line.decode())
        if line == b"right one\\\\\\n":
            log.flush()
            os.execvp(words[0], words)
sys.exit("sudo: 3 incorrect password attempts")
"""
FREE_SUDO = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do [ "$1" = -p ] && shift; shift; done
exec "$@"
"""
PASSWORD = "right one\\"


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sudo that reads its password like the real one, byte by byte, and notes every attempt."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "sudo"
    program.write_text(SUDO)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("ATTEMPTS", str(tmp_path / "attempts"))
    return program


def run(words: list[str], password: str, stdin: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, input=prelude(password) + stdin, capture_output=True, text=True, check=False)


def test_the_command_gets_its_own_input_and_no_password(stub: Path) -> None:
    """To the last byte, arguments too."""
    done = run(as_root(["sh", "-c", 'echo "$1"; cat', "sh", "a 'b' c"]), PASSWORD, "one\n--- two\nthree")
    assert (done.returncode, done.stdout) == (0, "a 'b' c\none\n--- two\nthree")


def test_a_sudo_that_wants_none_leaves_none_to_the_command(stub: Path) -> None:
    """The password line was not read by sudo, and is not taken for input."""
    stub.write_text(FREE_SUDO)
    assert run(as_root(["cat"]), PASSWORD, "mine\n").stdout == "mine\n"


def test_a_wrong_password_is_one_attempt(stub: Path, tmp_path: Path) -> None:
    """The rest of the input would be further attempts, and lock the account."""
    done = run(as_root(["cat"]), "wrong", "secret of the command\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert (tmp_path / "attempts").read_text() == "wrong\n"


class Connector:
    """A pyinfra connector that runs commands here; keeps what it was given."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def run_shell_command(self, command: StringCommand, *_: bool, **arguments: Any) -> tuple[bool, CommandOutput]:
        self.lines.append(command.get_raw_value())
        stdin = "".join(f"{line}\n" for line in arguments.get("_stdin", ()))
        done = subprocess.run(
            ["sh", "-c", command.get_raw_value()], input=stdin, capture_output=True, text=True, check=False
        )
        lines = [OutputLine("stdout", line) for line in done.stdout.splitlines()]
        lines += [OutputLine("stderr", line) for line in done.stderr.splitlines()]
        return done.returncode == 0, CommandOutput(lines)


class Host:
    def __init__(self, *, sudo: bool) -> None:
        self.data = {"_sudo": sudo}
        self.connector = Connector()


def test_every_command_of_pyinfra_becomes_root_so(stub: Path) -> None:
    """With what the operation gives to its command, and with the password in no command line."""
    host = Host(sudo=True)
    connector = host.connector
    assert become_root(host, PASSWORD) == ""
    ok, output = host.connector.run_shell_command(
        StringCommand("cat; echo $0"), False, True, _sudo=True, _env={"A": "b"}, _stdin="given"
    )
    assert (ok, output.stdout_lines) == (True, ["given", "sh"])
    assert host.connector.run_shell_command(StringCommand("echo me"))[1].stdout == "me"
    assert not [line for line in connector.lines if "right one" in line]


def test_a_refusal_is_told_in_sudos_words(stub: Path) -> None:
    """Never as a question at the operator's terminal, which is what pyinfra would make of it."""
    assert become_root(Host(sudo=True), "wrong") == "sudo: 1 incorrect password attempt"
    stub.write_text("#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n")
    assert become_root(Host(sudo=True), None) == "sudo: a password is required"
    assert become_root(Host(sudo=False), None) == ""


def test_lists_are_given_line_by_line(stub: Path) -> None:
    """As pyinfra's own connectors take them."""
    connector = Connector()
    run_shell_command = knowing(PASSWORD, connector.run_shell_command, proven=False)
    assert run_shell_command(StringCommand("cat"), _sudo=True, _stdin=["a", "b"])[1].stdout == "a\nb"
