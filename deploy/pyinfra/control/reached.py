"""A host as pyinfra acts on it: over the one connection that the other verbs use, whatever way it is reached.

pyinfra's own connectors open a session and start sudo for every command, and lay uploads in /tmp where everybody reads
them. Here a command is one line to a process that is root on the host already, and a file goes to standard input.
"""

from __future__ import annotations

import asyncio
from io import UnsupportedOperation
from pathlib import Path
from typing import Any

from pyinfra.connectors.base import BaseConnector
from pyinfra.connectors.util import CommandOutput

from control.known import output, text_of
from control.reach import SSH_FAILED, HostFailedError, Reach
from control.talk import Talk
from mends import last_words

PLACE = 'umask 077 && { cat > "$0.new" && mv -f "$0.new" "$0" || { rm -f "$0.new"; exit 1; }; }'
NOT_SUPPORTED = ("_env", "_chdir", "_sudo_user")
"""What an operation of ours must not ask for: it is written into its commands instead."""


class ReachedHost(BaseConnector):
    """Runs commands and places files. A connection that is cut fails the operation."""

    handles_execution = True

    def __init__(self, state: Any, host: Any, reach: Reach, runner: asyncio.Runner) -> None:
        super().__init__(state, host)
        self._reach = reach
        self._talk = Talk(reach, looks=False)
        self._runner = runner

    def connect(self) -> None:
        """Opens the connection. Raises HostFailedError."""
        self._runner.run(self._talk.ask("run", {"command": ":", "stdin": ""}))

    def disconnect(self) -> None:
        """Ends it."""
        self._runner.run(self._talk.close())

    def run_shell_command(self, command: Any, *_: Any, **arguments: Any) -> tuple[bool, CommandOutput]:
        """Whether the command succeeded, and what it said. Raises ConnectionError when the connection is cut."""
        if asked := [name for name in NOT_SUPPORTED if arguments.get(name)]:
            raise UnsupportedOperation(f"{', '.join(asked)}: write it into the command")
        order = {"command": text_of(command), "stdin": _lines(arguments.get("_stdin"))}
        try:
            code, out, err = self._runner.run(self._talk.ask("run", order))
        except HostFailedError as error:
            raise ConnectionError(f"the connection was cut ({error.cause})") from None
        return code in (arguments.get("_success_exit_codes") or [0]), output(out, err)

    def put_file(self, filename_or_io: Any, remote_filename: str, *_: Any, **__: Any) -> bool:
        """Places a file of this machine, root's and closed to others. Raises ConnectionError."""
        assert isinstance(filename_or_io, str)
        code, said = self._runner.run(self._reach.send(Path(filename_or_io), ["sh", "-c", PLACE, remote_filename]))
        if code == SSH_FAILED or (code and not said.strip()):
            raise ConnectionError(f"the connection was cut ({self._reach.failed('upload', code, said).cause})")
        if code:
            raise ConnectionError(last_words(said))
        return True

    def get_file(self, *_: Any, **__: Any) -> bool:
        """No operation fetches a file."""
        raise UnsupportedOperation("get_file")

    @staticmethod
    def make_names_data(name: str) -> Any:
        """Never asked: the host is made by hand."""
        raise UnsupportedOperation("make_names_data")


def _lines(stdin: Any) -> str:
    """What a command reads; always ends with a line break, as with pyinfra's own connectors."""
    text = "".join(stdin) if isinstance(stdin, list | tuple) else stdin or ""
    return f"{text}\n" if text and not text.endswith("\n") else text
