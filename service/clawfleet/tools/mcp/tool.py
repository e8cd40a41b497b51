"""A tool of an MCP server, as any other tool."""

from __future__ import annotations

from collections.abc import Mapping

from clawfleet.core.messages import ToolSpec
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.mcp.connection import Connection, Offer
from clawfleet.tools.mcp.results import read_result

MOST_DESCRIPTION = 4_000


class McpTool:
    """Hands a call on to its server, which checks the arguments itself."""

    def __init__(self, connection: Connection, offer: Offer, name: str) -> None:
        self.server = connection.name
        self.own_name = offer.name
        self._connection = connection
        self.spec = ToolSpec(
            name=name,
            description=offer.description[:MOST_DESCRIPTION],
            parameters={"type": "object", "properties": {}, **offer.parameters},
            only_looks=offer.only_looks,
        )

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """What the server answered. Raises `ServerDown`, `CallFailed`, `LibraryMissing`."""
        result = await self._connection.call(self.own_name, arguments)
        return read_result(result, self._connection.redact, server=self.server, tool=self.own_name)
