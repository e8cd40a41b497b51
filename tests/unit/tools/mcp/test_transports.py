"""MCP servers over HTTP, both kinds, by the official library on both sides."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.gateway import free_port
from tests.support.mcp_server import ROOT
from tests.unit.tools.mcp.test_servers import call, everything, running


@contextmanager
def serving(transport: str) -> Iterator[str]:
    """The address of a fake server that speaks `transport`."""
    port = free_port()
    command = [sys.executable, "-m", "tests.fakes.mcp_server", transport, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/{'sse' if transport == 'sse' else 'mcp'}"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/none", timeout=1)
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the fake MCP server does not answer")


@pytest.mark.parametrize("transport", ["streamable-http", "sse"])
async def test_a_server_at_an_address_works(transport: str) -> None:
    with serving(transport) as url:
        async with running(
            far={"url": url, "transport": transport, "headers": {"Authorization": "Bearer x"}}
        ) as servers:
            await servers.ready(everything)
            assert servers.problems == {}
            assert (await call(servers, "far__echo", text="hi")).text == "echo: hi"


async def test_an_address_where_nobody_answers_is_a_problem() -> None:
    async with running(
        one={"url": f"http://127.0.0.1:{free_port()}/mcp", "transport": "streamable-http"},
        two={"url": f"http://127.0.0.1:{free_port()}/sse", "connectionTimeoutMs": 2000},
    ) as servers:
        await servers.ready(everything)
        assert set(servers.problems) == {"one", "two"}


def test_the_library_waits_for_the_first_server() -> None:
    """A gateway without MCP servers does not pay for it."""
    code = "import sys, clawfleet.tools.registry; print({'mcp', 'mcp_types', 'httpx2', 'anyio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
