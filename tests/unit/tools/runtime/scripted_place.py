"""A place where commands do as a test says."""

from __future__ import annotations

import asyncio
from typing import Literal

from clawfleet.sandbox.place import Command, Exit, Output
from clawfleet.tools.runtime.running import Owner

DONE = Exit(0)


class ScriptedPlace:
    """Prints `said` and ends as told; with `end=None` a command runs until it is cancelled. `typed` is its input."""

    def __init__(
        self,
        said: bytes = b"",
        end: Exit | None = DONE,
        *,
        pid: int | None = None,
        host: Literal["gateway", "sandbox"] = "gateway",
    ) -> None:
        self.host: Literal["gateway", "sandbox"] = host
        self.scope = host
        self.said, self.end, self.pid = said, end, pid
        self.commands: list[Command] = []
        self.was_cancelled = False
        self.typed = bytearray()
        self.release = asyncio.Event()
        self.output: Output = lambda data: None

    def owner(self, agent_id: str = "main", session_key: str = "agent:main:main") -> Owner:
        """Who works here."""
        return Owner(agent_id, session_key, self.scope)

    def directory(self, command: Command) -> str:
        return f"{command.workspace}/{command.workdir or ''}"

    async def run(self, command: Command, output: Output) -> Exit:
        self.commands.append(command)
        self.output = output
        if command.keyboard is not None:
            command.keyboard.plug_in(self._type)
        command.started(self.pid)
        output(self.said)
        try:
            if self.end is None:
                await self.release.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            output(b"last words\n")
            raise
        finally:
            if command.keyboard is not None:
                command.keyboard.plug_in(None)
        return self.end or DONE

    async def _type(self, data: bytes) -> None:
        self.typed += data
