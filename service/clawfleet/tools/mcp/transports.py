"""How MCP servers are reached, by the official library. Loaded with the first connection: the library is heavy.

Nothing else imports it, so that a gateway without MCP servers never pays for it.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, TextIO

import httpx2
from mcp import Client, MCPError
from mcp.client.session import IncomingMessage
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp_types import Implementation, ToolListChangedNotification

from clawfleet import __version__
from clawfleet.config.models.mcp import McpServer

log = logging.getLogger("clawfleet.tools.mcp")

READ_S = 300.0


def client_for(
    server: McpServer, env: Mapping[str, str], errors: TextIO, changed: Callable[[], None]
) -> AbstractAsyncContextManager[Client]:
    """A client that connects when it is entered. `changed` is called when the server's tools are others."""

    async def hear(message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed()

    return Client(
        _transport(server, env, errors),
        read_timeout_seconds=server.request_timeout_ms / 1000,
        message_handler=hear,
        client_info=Implementation(name="clawfleet", version=__version__),
        cache=None,
    )


async def follow(client: Client, changed: Callable[[], None]) -> None:
    """Call `changed` when the server's tools are others, where that has to be asked for; returns at its end."""
    try:
        async with client.listen(tools_list_changed=True) as events:
            async for _ in events:
                changed()
    except (ListenNotSupportedError, SubscriptionLost, MCPError, TimeoutError) as error:
        log.debug("changes of tools are not followed: %s", type(error).__name__)


def _transport(server: McpServer, env: Mapping[str, str], errors: TextIO) -> Any:
    if server.wire == "stdio":
        command = StdioServerParameters(
            command=server.command or "", args=list(server.args), env=dict(env), cwd=server.cwd
        )
        return stdio_client(command, errlog=errors)
    headers = {name: value.get_secret_value() for name, value in server.headers.items()}
    connect_s = server.connection_timeout_ms / 1000
    if server.wire == "sse":
        return sse_client(
            server.url or "",
            headers=headers,
            timeout=connect_s,
            sse_read_timeout=READ_S,
            httpx_client_factory=partial(_http, server),
        )
    return _streamed(server, headers, httpx2.Timeout(connect_s, read=READ_S))


@asynccontextmanager
async def _streamed(server: McpServer, headers: dict[str, str], limits: httpx2.Timeout) -> AsyncGenerator[Any, None]:
    async with (
        _http(server, headers, limits) as http,  # the library closes only clients that it made itself
        streamable_http_client(server.url or "", http_client=http) as streams,
    ):
        yield streams


def _http(
    server: McpServer,
    headers: dict[str, str] | None = None,
    timeout: httpx2.Timeout | None = None,
    auth: httpx2.Auth | None = None,
) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        verify=_tls(server), trust_env=False, follow_redirects=False, headers=headers, timeout=timeout, auth=auth
    )


def _tls(server: McpServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not server.ssl_verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if server.client_cert:
        context.load_cert_chain(server.client_cert, server.client_key)
    return context
