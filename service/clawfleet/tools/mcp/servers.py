"""The MCP servers of a gateway: connected when a turn first needs them, shared by all sessions.

A server that cannot be reached is left out of the turn and tried again after a pause that grows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from time import monotonic

from clawfleet.config.models.mcp import Mcp
from clawfleet.config.secret_refs import secrets_in
from clawfleet.core.errors import ToolError
from clawfleet.core.tasks import Tasks
from clawfleet.secrets.redact import Redactor
from clawfleet.tools.mcp.connection import Connection
from clawfleet.tools.mcp.naming import passes, prefixes, tool_names
from clawfleet.tools.mcp.tool import McpTool

log = logging.getLogger("clawfleet.tools.mcp")

FIRST_PAUSE_S = 30.0
MOST_PAUSE_S = 600.0


class McpServers:
    """All servers of the config. `clock` counts seconds."""

    def __init__(self, config: Mcp, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._tasks = Tasks()
        self._redactor = Redactor()
        self._connections: dict[str, Connection] = {}
        self._prefixes: dict[str, str] = {}
        self._pauses: dict[str, tuple[float, float]] = {}
        self.problems: dict[str, str] = {}
        self.adopt(config)

    def adopt(self, config: Mcp) -> None:
        """Have these servers from now on: who is gone or differs is let go of, who stays notices nothing."""
        wanted = {name: server for name, server in config.servers.items() if server.enabled}
        self._redactor.add(*secrets_in(config))
        gone = [each for name, each in self._connections.items() if wanted.get(name) != each.server]
        for connection in gone:
            del self._connections[connection.name]
            self._pauses.pop(connection.name, None)
            self.problems.pop(connection.name, None)
            if connection.is_open:
                self._tasks.start(connection.close(), name=f"mcp-close:{connection.name}")
        for name, server in wanted.items():
            if name not in self._connections:
                self._connections[name] = Connection(name, server, self._tasks, self._redactor.redact)
        self._prefixes = prefixes(wanted)

    async def ready(self, is_wanted: Callable[[str], bool]) -> None:
        """Return when the servers that a turn may use are connected, or cannot be: that is logged, and kept in
        `problems`. `is_wanted` is asked with the part of tool names that stands for a server."""
        wanted = [each for name, each in self._connections.items() if is_wanted(self._prefixes[name])]
        await asyncio.gather(*(self._open(each) for each in wanted if not self._is_resting(each.name)))

    def tools(self) -> Mapping[str, McpTool]:
        """The tools of the servers that are connected, by the names that models call them by."""
        found: dict[str, McpTool] = {}
        for name, connection in self._connections.items():
            offers = [each for each in connection.offers if passes(each.name, connection.server.tool_filter)]
            if connection.is_open:
                names = tool_names(self._prefixes[name], [each.name for each in offers])
                found |= {names[each.name]: McpTool(connection, each, names[each.name]) for each in offers}
        return found

    async def close(self) -> None:
        """Let go of every server; those that were started here end."""
        await asyncio.gather(*(each.close() for each in self._connections.values()))
        await self._tasks.close()

    async def _open(self, connection: Connection) -> None:
        name = connection.name
        try:
            await connection.open()
        except ToolError as error:
            _, last_s = self._pauses.get(name, (0.0, FIRST_PAUSE_S / 2))
            pause_s = min(last_s * 2, MOST_PAUSE_S)
            self._pauses[name] = (self._clock() + pause_s, pause_s)
            self.problems[name] = f"{error.message} {error.hint or ''}".strip()
            log.warning("%s (tried again in %g s at the earliest)", self.problems[name], pause_s)
        else:
            self._pauses.pop(name, None)
            self.problems.pop(name, None)

    def _is_resting(self, name: str) -> bool:
        return self._pauses.get(name, (0.0, 0.0))[0] > self._clock()
