"""One MCP server: what is said when it does not come up."""

from __future__ import annotations

import time

import pytest

from clawfleet.config.models.mcp import McpServer
from clawfleet.core.tasks import Tasks
from clawfleet.tools.mcp.connection import Connection, _words
from clawfleet.tools.mcp.failures import ServerDown
from tests.support.mcp_server import fake_server


async def test_a_server_that_says_nothing_is_given_up() -> None:
    """Within its limit, and its process is gone then."""
    server = McpServer.model_validate({"command": "/bin/sleep", "args": ["60"], "connectionTimeoutMs": 400})
    tasks = Tasks()
    connection = Connection("mute", server, tasks, lambda text: text)
    started = time.monotonic()
    with pytest.raises(ServerDown, match=r"no answer within 0\.4 s"):
        await connection.open()
    assert time.monotonic() - started < 20
    await connection.close()
    await tasks.close()
    assert not connection.is_open


async def test_opening_twice_is_opening_once() -> None:
    tasks = Tasks()
    connection = Connection("fake", McpServer.model_validate(fake_server()), tasks, lambda text: text)
    await connection.open()
    keeper = connection._keeper
    await connection.open()
    assert connection._keeper is keeper
    await connection.close()
    assert not connection.is_open
    await tasks.close()


def test_the_first_of_several_errors_is_told() -> None:
    assert _words(ExceptionGroup("all", [ExceptionGroup("some", [ValueError("the one")])]), None) == "the one"
    assert _words(FileNotFoundError(2, "no", "/x"), "/y") == "/x is not there"
    assert _words(FileNotFoundError(2, "no"), "/y") == "/y is not there"
    assert _words(ValueError(), None) == "ValueError"
