"""`mcp`: servers whose tools agents may use. Source: docs/tools/mcp.md and docs/cli/mcp of 2026.9.6."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from clawfleet.config.models.base import Flag, OpenSection, Section, Text, Whole

Millis = Annotated[Whole, Field(ge=1, le=3_600_000)]


class ToolFilter(Section):
    """Which of a server's tools become the agents'; `*` matches anything."""

    include: tuple[Text, ...] = Field((), description="Only these. Empty: all.")
    exclude: tuple[Text, ...] = Field((), description="Not these.")


class McpServer(OpenSection):
    """One server: a command that is started here, or an address."""

    enabled: Flag = Field(True, description="Use it.")
    transport: Literal["stdio", "sse", "streamable-http"] | None = Field(
        None, description="How it is spoken to. Unset: `stdio` with a command, `sse` with a url."
    )
    command: Text | None = Field(None, min_length=1, description="Program to start.")
    args: tuple[Text, ...] = Field((), description="Its arguments.")
    env: dict[str, SecretStr] = Field(
        {}, description="Further variables that it gets, besides PATH, HOME and the like."
    )
    cwd: Text | None = Field(None, min_length=1, description="Directory it runs in.")
    url: Text | None = Field(None, min_length=1, description="Address, http or https.")
    headers: dict[str, SecretStr] = Field({}, description="Sent with every request.")
    ssl_verify: Flag = Field(True, description="Check its certificate.")
    client_cert: Text | None = Field(None, description="File of a client certificate.")
    client_key: Text | None = Field(None, description="File of its key.")
    connection_timeout_ms: Millis = Field(30_000, description="Longest that connecting may take.")
    request_timeout_ms: Millis = Field(60_000, description="Longest that a call may take.")
    supports_parallel_tool_calls: Flag = Field(False, description="Several calls at once do no harm.")
    tool_filter: ToolFilter = Field(ToolFilter(), description="Which of its tools become the agents'.")

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if not self.enabled:
            return self
        if self.wire == "stdio" and self.command is None:
            raise ValueError("an MCP server needs a command (stdio) or a url")
        if self.wire != "stdio" and (self.url is None or not self.url.startswith(("http://", "https://"))):
            raise ValueError("the url of an MCP server must begin with http:// or https://")
        return self

    @property
    def wire(self) -> Literal["stdio", "sse", "streamable-http"]:
        """How it is spoken to."""
        return self.transport or ("stdio" if self.command is not None or self.url is None else "sse")


class Mcp(Section):
    """Servers of the Model Context Protocol."""

    servers: dict[str, McpServer] = Field({}, description="Servers by name. Their tools are `<server>__<tool>`.")
