"""One MCP server: connected when it is needed, called, let go of, and started again after it broke.

The library wants a connection entered and left by one task; that task is the keeper here, and calls come from others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from clawfleet.config.models.mcp import McpServer
from clawfleet.core.errors import ToolError
from clawfleet.core.tasks import Tasks
from clawfleet.tools.mcp.failures import CallFailed, LibraryMissing, ServerDown
from clawfleet.tools.mcp.printed import Printed
from clawfleet.tools.mcp.spawning import allowed_env

log = logging.getLogger("clawfleet.tools.mcp")

MOST_PAGES = 20
MOST_TOOLS = 200
CLOSE_S = 8.0
"""A server gets its input closed, then SIGTERM, then SIGKILL; the library takes up to six seconds for that."""

TIMEOUTS_TO_BREAK = 2
_TIMED_OUT = -32001


@dataclass(frozen=True, slots=True)
class Offer:
    """One tool as its server tells of it."""

    name: str
    description: str
    parameters: Mapping[str, object]
    only_looks: bool


class Connection:
    """The connection to one server. `redact` frees what the server says of the config's secrets."""

    def __init__(self, name: str, server: McpServer, tasks: Tasks, redact: Callable[[str], str]) -> None:
        self.name = name
        self.server = server
        self.offers: tuple[Offer, ...] = ()
        self.redact = redact
        self._tasks = tasks
        self._client: Any = None
        self._keeper: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._opening = asyncio.Lock()
        self._one_at_a_time = asyncio.Lock()
        self._stale = False
        self._timeouts = 0

    @property
    def is_open(self) -> bool:
        """Whether calls can go out."""
        return self._client is not None and not self._over.is_set()

    async def open(self) -> None:
        """Connect unless that is done, and learn the server's tools. Raises `ServerDown`, `LibraryMissing`."""
        async with self._opening:
            if self.is_open:
                if self._stale:
                    await self._within(self._learn(self._client))
                return
            await self._end()
            self._over = asyncio.Event()
            ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._keeper = self._tasks.start(self._keep(ready, self._over), name=f"mcp:{self.name}")
            try:
                await self._within(ready)
            except BaseException:
                self._over.set()
                self._keeper.cancel()
                raise

    async def call(self, tool: str, arguments: Mapping[str, object]) -> Any:
        """The library's result of a call. A server that broke is started again first; a call is never repeated.

        Raises `ServerDown`, `CallFailed`, `LibraryMissing`.
        """
        if not self.is_open:
            await self.open()
        if self.server.supports_parallel_tool_calls:
            return await self._call(tool, arguments)
        async with self._one_at_a_time:
            return await self._call(tool, arguments)

    async def close(self) -> None:
        """End the connection, and the server's process if there is one."""
        self._over.set()
        await self._end()

    async def _call(self, tool: str, arguments: Mapping[str, object]) -> Any:
        client, over = self._client, self._over
        if client is None:
            raise ServerDown(f"The MCP server {self.name} ended; the next call starts it again.")
        limit_s = self.server.request_timeout_ms / 1000
        try:
            async with asyncio.timeout(limit_s + 1):  # the library's own limit comes first
                result = await client.call_tool(tool, dict(arguments))
        except TimeoutError:
            raise self._late(over, limit_s) from None
        except Exception as error:  # the library raises its own, anyio's and the transport's
            code = getattr(error, "code", None)
            if code == _TIMED_OUT:
                raise self._late(over, limit_s) from None
            if isinstance(code, int) and self.is_open and not _is_broken(error):
                raise CallFailed(f"{self.name}: {self.redact(str(getattr(error, 'message', error)))}") from None
            over.set()
            log.warning("MCP server %s: connection lost (%s)", self.name, type(error).__name__)
            raise ServerDown(
                f"The connection to the MCP server {self.name} was lost during the call; it may have done its work."
            ) from None
        self._timeouts = 0
        return result

    def _late(self, over: asyncio.Event, limit_s: float) -> CallFailed:
        self._timeouts += 1
        if self._timeouts >= TIMEOUTS_TO_BREAK:
            over.set()  # it hangs: the next call starts it again
            self._timeouts = 0
        return CallFailed(
            f"{self.name} did not answer within {limit_s:g} seconds.",
            hint=f"An operator allows more with mcp.servers.{self.name}.requestTimeoutMs.",
        )

    async def _keep(self, ready: asyncio.Future[None], over: asyncio.Event) -> None:
        """Hold the connection until it is over."""
        printed = Printed(self.name, self.redact)
        try:
            transports = await asyncio.to_thread(_library)
            client = transports.client_for(self.server, self._env(), printed.writing, self._note_change)
            async with client as entered:
                await self._learn(entered)
                self._client = entered
                if not ready.done():
                    ready.set_result(None)
                log.info("MCP server %s is connected: %d tools", self.name, len(self.offers))
                following = self._tasks.start(
                    transports.follow(entered, self._note_change), name=f"mcp:{self.name}:tools"
                )
                await over.wait()
                following.cancel()
        except ToolError as error:
            _settle(ready, error)
        except Exception as error:  # the library raises its own, anyio's and the transport's
            said = " / ".join(list(printed.lines)[-3:])
            reason = self.redact(_words(error, self.server.command)) + (f"; it printed: {said}" if said else "")
            log.warning("MCP server %s: %s", self.name, reason)
            _settle(ready, ServerDown(f"The MCP server {self.name} cannot be reached: {reason}"))
        finally:
            self._client = None
            over.set()
            printed.close()

    async def _learn(self, client: Any) -> None:
        """Ask for the tools, page by page."""
        self._stale = False
        found: list[Offer] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += [_offer(tool, parallel=self.server.supports_parallel_tool_calls) for tool in page.tools]
            cursor = page.next_cursor
            if not cursor or len(found) >= MOST_TOOLS:
                break
        self.offers = tuple(found[:MOST_TOOLS])

    async def _within(self, work: Any) -> None:
        limit_s = self.server.connection_timeout_ms / 1000
        try:
            async with asyncio.timeout(limit_s):
                await work
        except TimeoutError:
            raise ServerDown(f"The MCP server {self.name} cannot be reached: no answer within {limit_s:g} s") from None

    async def _end(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is None or keeper.done():
            return
        _, late = await asyncio.wait({keeper}, timeout=CLOSE_S)
        if late:
            keeper.cancel()
            await asyncio.wait({keeper}, timeout=CLOSE_S)

    def _env(self) -> dict[str, str]:
        env, left_out = allowed_env({name: value.get_secret_value() for name, value in self.server.env.items()})
        if left_out:
            log.warning("MCP server %s: env must not set %s; left out", self.name, ", ".join(left_out))
        return env

    def _note_change(self) -> None:
        self._stale = True


def _library() -> Any:
    """The module that loads the library. Raises `LibraryMissing`."""
    try:
        return import_module("clawfleet.tools.mcp.transports")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in ("mcp", "mcp_types", "httpx2"):
            raise LibraryMissing from None
        raise


def _settle(ready: asyncio.Future[None], error: ToolError) -> None:
    if not ready.done():
        ready.set_exception(error)


def _offer(tool: Any, *, parallel: bool) -> Offer:
    reads = bool(tool.annotations and tool.annotations.read_only_hint)
    return Offer(tool.name, tool.description or tool.title or tool.name, tool.input_schema, reads and parallel)


def _is_broken(error: Exception) -> bool:
    return "closed" in str(getattr(error, "message", "")).lower()


def _words(error: BaseException, command: str | None) -> str:
    """What went wrong first, of errors that may hold others."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, FileNotFoundError):
        return f"{error.filename or command} is not there"
    return " ".join(str(error).split())[:300] or type(error).__name__
