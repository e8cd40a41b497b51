"""A host as pyinfra sees it during a look: it answers from what is known, and notes what is not."""

from __future__ import annotations

from collections.abc import Mapping
from io import UnsupportedOperation
from typing import Any

from pyinfra.api import StringCommand
from pyinfra.connectors.base import BaseConnector
from pyinfra.connectors.util import CommandOutput, OutputLine


class KnownHost(BaseConnector):
    """`known` are answers by their question; `open` the questions that were asked and have none yet."""

    handles_execution = True

    def __init__(self, state: Any, host: Any, known: Mapping[str, tuple[int, str, str]]) -> None:
        super().__init__(state, host)
        self.open: list[str] = []
        self._known = known

    def run_shell_command(self, command: Any, *_: Any, **__: Any) -> tuple[bool, CommandOutput]:
        """The answer; nothing, as where the thing does not exist yet, for a question that is open."""
        question = text_of(command)
        if question not in self._known:
            if question not in self.open:
                self.open.append(question)
            return True, CommandOutput([])
        code, out, err = self._known[question]
        return code == 0, output(out, err)

    def put_file(self, *_: Any, **__: Any) -> bool:
        """A look places nothing."""
        raise UnsupportedOperation("put_file")

    def get_file(self, *_: Any, **__: Any) -> bool:
        """A look fetches nothing."""
        raise UnsupportedOperation("get_file")

    @staticmethod
    def make_names_data(name: str) -> Any:
        """Never asked: the host is made by hand."""
        raise UnsupportedOperation("make_names_data")


def text_of(command: Any) -> str:
    """A command of pyinfra as the shell text that it is."""
    return command.get_raw_value() if isinstance(command, StringCommand) else str(command)


def output(out: str, err: str) -> CommandOutput:
    """What a command said, as pyinfra keeps it."""
    lines = [OutputLine("stdout", line) for line in out.splitlines()]
    return CommandOutput(lines + [OutputLine("stderr", line) for line in err.splitlines()])
