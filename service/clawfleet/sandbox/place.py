"""The seam between a tool and where it works: one command in, its output as it comes, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from clawfleet.core.errors import ToolError

Output = Callable[[bytes], None]
"""Takes stdout and stderr, merged, in the order they came; called on the event loop."""


@dataclass(frozen=True, slots=True)
class Command:
    """One shell command. `workspace` is the agent's, on the host; `workdir` is absolute or relative to it.

    `env` holds the caller's own variables; it may hold secrets and stays out of reprs, logs and argument lists.
    """

    line: str
    workspace: Path
    workdir: str | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Exit:
    """How a command ended: its exit code, or the signal that ended it (`SIGKILL`, or its number)."""

    code: int | None
    signal: str | None = None


class Place(Protocol):
    """Where commands run."""

    @property
    def host(self) -> Literal["gateway", "sandbox"]:
        """The word for it in `tools.exec.host`."""
        ...

    def directory(self, command: Command) -> str:
        """The directory the command starts in, as the command itself sees it."""
        ...

    async def run(self, command: Command, output: Output) -> Exit:
        """Run `command` to its end. When cancelled, ends everything it started before `CancelledError` goes on.

        Raises a `ToolError` when the command cannot be started.
        """
        ...


class Closed:
    """A place where nothing runs, and why: what the config asks for cannot be had in this session."""

    def __init__(self, host: Literal["gateway", "sandbox"], reason: ToolError) -> None:
        self.host: Literal["gateway", "sandbox"] = host
        self._reason = reason

    def directory(self, command: Command) -> str:
        """The directory as asked for; nobody gets there."""
        return command.workdir or str(command.workspace)

    async def run(self, command: Command, output: Output) -> Exit:
        """Raises the reason."""
        raise self._reason
