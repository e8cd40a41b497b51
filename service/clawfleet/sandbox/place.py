"""The seam between a tool and where it works: one command in, its output as it comes, how it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from clawfleet.core.errors import ToolError

Output = Callable[[bytes], object]
"""Takes stdout and stderr, merged, in the order they came; called on the event loop."""
Typing = Callable[[bytes], Awaitable[None]]
"""Sends bytes to a terminal. Raises `ToolError` when nobody reads them any more."""
COLUMNS, ROWS = 120, 30


class Keyboard:
    """The input of a command on a terminal. The place where it runs plugs it in, and out when the command is over."""

    def __init__(self) -> None:
        self._typing: Typing | None = None

    @property
    def is_plugged_in(self) -> bool:
        """Whether a command takes input by it now."""
        return self._typing is not None

    def plug_in(self, typing: Typing | None) -> None:
        """Input goes to `typing` from now on; None: nowhere."""
        self._typing = typing

    async def type(self, data: bytes) -> None:
        """Send `data` as if somebody typed it. Raises `ToolError` when the command takes no input."""
        if self._typing is None:
            raise ToolError("The command takes no input.")
        await self._typing(data)


@dataclass(frozen=True, slots=True)
class Command:
    """One shell command. `workspace` is the agent's, on the host; `workdir` is absolute or relative to it.

    `env` holds the caller's own variables; it may hold secrets and stays out of reprs, logs and argument lists.
    With a `keyboard` it runs on a terminal of its own; without one it has no input. `started` is called when it runs,
    with its process id where that means anything to who asked for the command.
    """

    line: str
    workspace: Path
    workdir: str | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    keyboard: Keyboard | None = field(default=None, compare=False)
    started: Callable[[int | None], None] = field(default=lambda pid: None, repr=False, compare=False)


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

    @property
    def scope(self) -> str:
        """Names the place among all of one agent's: commands in one scope may reach each other's processes."""
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
        self.scope = "closed"
        self._reason = reason

    def directory(self, command: Command) -> str:
        """The directory as asked for; nobody gets there."""
        return command.workdir or str(command.workspace)

    async def run(self, command: Command, output: Output) -> Exit:
        """Raises the reason."""
        raise self._reason
