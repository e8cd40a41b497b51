"""The MCP servers of a gateway, with a real server of the official library behind them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.models.mcp import Mcp
from clawfleet.core.errors import ToolError
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.mcp.failures import CallFailed, ServerDown
from clawfleet.tools.mcp.servers import FIRST_PAUSE_S, McpServers
from tests.support.mcp_server import fake_server

CONTEXT = ToolContext("run", "agent:main:main", "main", Path("/nowhere"), "call", lambda text: None)
DEAD = {"command": "/bin/sh", "args": ["-c", "echo no key-of-mine >&2; exit 2"], "env": {"K": "key-of-mine"}}


def everything(prefix: str) -> bool:
    return True


class Clock:
    """Seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def running(clock: Callable[[], float] | None = None, **servers: Any) -> AsyncIterator[McpServers]:
    """Servers of that config; all end with the test."""
    found = McpServers(Mcp.model_validate({"servers": servers}), clock or Clock())
    try:
        yield found
    finally:
        await found.close()


async def call(servers: McpServers, name: str, /, **arguments: object) -> ToolResult:
    return await servers.tools()[name].run(CONTEXT, arguments)


async def test_a_servers_tools_work() -> None:
    """Nothing is started before it is needed; what it says comes back whole; its errors are errors."""
    async with running(fake=fake_server(env={"TOLD": "key-of-mine", "LD_PRELOAD": "x"})) as servers:
        assert servers.tools() == {}
        await servers.ready(everything)
        assert {"fake__echo", "fake__odd-name--", "fake__draw"} <= set(servers.tools())
        spec = servers.tools()["fake__echo"].spec
        assert (spec.description, spec.only_looks) == ("Say it again.", False)
        assert spec.parameters["required"] == ["text"]
        assert (await call(servers, "fake__echo", text="hi")).text == "echo: hi"
        assert (await call(servers, "fake__odd-name--")).text == "odd"
        (picture,) = (await call(servers, "fake__draw")).images
        assert picture.media_type == "image/png"
        assert (await call(servers, "fake__fail")).is_error
        assert (await call(servers, "fake__echo")).is_error
        assert (await call(servers, "fake__variable", name="TOLD")).text == "***"
        assert (await call(servers, "fake__variable", name="LD_PRELOAD")).text == "(unset)"


async def test_a_server_that_dies_is_started_again(caplog: pytest.LogCaptureFixture) -> None:
    """The call that it took along is an error and not repeated; a tool in somebody's hand works on."""
    async with running(fake=fake_server()) as servers:
        await servers.ready(everything)
        count = servers.tools()["fake__count"]
        first = (await count.run(CONTEXT, {})).text
        with pytest.raises(ServerDown, match="lost during the call"):
            await call(servers, "fake__die")
        assert servers.tools() == {}
        again = (await count.run(CONTEXT, {})).text
        assert first.startswith("1 in ") and again.startswith("1 in ") and first != again


async def test_a_call_that_takes_too_long_is_given_up() -> None:
    """A server that hangs twice is started again."""
    async with running(fake=fake_server()) as servers:
        await servers.ready(everything)
        first = (await call(servers, "fake__count")).text
        wait, connection = servers.tools()["fake__wait"], servers._connections["fake"]
        patient = connection.server
        connection.server = patient.model_copy(update={"request_timeout_ms": 300})
        for _ in range(2):
            with pytest.raises(CallFailed, match=r"within 0\.3 seconds"):
                await wait.run(CONTEXT, {"seconds": 30})
        connection.server = patient
        await servers.ready(everything)
        assert (await call(servers, "fake__count")).text != first.replace("1 in", "2 in")


async def test_who_gives_up_a_call_leaves_the_server_alone() -> None:
    async with running(fake=fake_server()) as servers:
        await servers.ready(everything)
        waiting = asyncio.ensure_future(call(servers, "fake__wait", seconds=30))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await call(servers, "fake__echo", text="still here")).text == "echo: still here"


async def test_tools_that_come_later_are_there_in_the_next_turn() -> None:
    async with running(fake=fake_server()) as servers:
        await servers.ready(everything)
        await call(servers, "fake__learn")
        async with asyncio.timeout(30):
            while "fake__fresh" not in servers.tools():
                await asyncio.sleep(0.02)
                await servers.ready(everything)
        assert (await call(servers, "fake__fresh")).text == "new"


async def test_a_server_that_cannot_start_is_left_out_and_rests(caplog: pytest.LogCaptureFixture) -> None:
    """With what it printed as the reason, without secrets; others work beside it."""
    clock = Clock()
    async with running(clock, dead=DEAD, gone={"command": "/no/such/program"}, fake=fake_server()) as servers:
        with caplog.at_level(logging.WARNING):
            await servers.ready(everything)
        assert "fake__echo" in servers.tools()
        assert "it printed: no ***" in servers.problems["dead"]
        assert "/no/such/program is not there" in servers.problems["gone"]
        assert "key-of-mine" not in caplog.text
        told = len(caplog.records)
        await servers.ready(everything)
        assert len(caplog.records) == told  # it rests
        clock.now += FIRST_PAUSE_S
        await servers.ready(everything)
        assert len(caplog.records) > told


async def test_a_server_that_nobody_may_use_is_not_started() -> None:
    async with running(fake=fake_server(), off=fake_server(enabled=False)) as servers:
        await servers.ready(lambda prefix: False)
        assert servers.tools() == {}
        assert not servers._connections["fake"].is_open
        assert "off" not in servers._connections


async def test_a_filter_keeps_tools_away() -> None:
    async with running(fake=fake_server(toolFilter={"include": ["e*", "count"], "exclude": ["count"]})) as servers:
        await servers.ready(everything)
        assert set(servers.tools()) == {"fake__echo"}


async def test_another_config_touches_only_what_changed() -> None:
    """A server that stays goes on in the same process; one that differs begins anew; one that is gone ends."""
    async with running(a=fake_server(), b=fake_server(), c=fake_server()) as servers:
        await servers.ready(everything)
        before = {name: (await call(servers, f"{name}__count")).text for name in "abc"}
        changed = fake_server(env={"X": "1"})
        servers.adopt(Mcp.model_validate({"servers": {"a": fake_server(), "b": changed}}))
        assert {name.partition("__")[0] for name in servers.tools()} == {"a"}
        await servers.ready(everything)
        assert (await call(servers, "a__count")).text == before["a"].replace("1 in", "2 in")
        assert (await call(servers, "b__count")).text != before["b"].replace("1 in", "2 in")
        assert "c__count" not in servers.tools()


async def test_several_calls_at_once_where_the_operator_allows_it() -> None:
    """Reading tools of such a server may run side by side in a turn."""
    async with running(fake=fake_server(supportsParallelToolCalls=True)) as servers:
        await servers.ready(everything)
        assert servers.tools()["fake__echo"].spec.only_looks
        assert not servers.tools()["fake__count"].spec.only_looks
        async with asyncio.timeout(30):
            await asyncio.gather(*(call(servers, "fake__meet", count=20) for _ in range(20)))


async def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'mcp'", name="mcp")

    monkeypatch.setattr("clawfleet.tools.mcp.connection.import_module", missing)
    async with running(fake=fake_server()) as servers:
        await servers.ready(everything)
        assert "pip install 'clawfleet[mcp]'" in servers.problems["fake"]
        with pytest.raises(ToolError):
            await servers._connections["fake"].call("echo", {})
