"""What goes wrong between the gateway and MCP servers."""

from __future__ import annotations

from clawfleet.core.errors import ToolError


class ServerDown(ToolError):
    """The server cannot be reached, or its connection ended."""

    code = "MCP_SERVER_DOWN"


class CallFailed(ToolError):
    """The server answered a call with an error, or not in time."""

    code = "MCP_CALL_FAILED"


class LibraryMissing(ToolError):
    """The library that speaks the protocol is not installed."""

    code = "MCP_LIBRARY_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "MCP servers are configured, but the mcp library is not installed.", hint="pip install 'clawfleet[mcp]'"
        )
