"""The whole front door: which part answers what."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.server.served import Served, serve

PAGE = {"Accept": "text/html,*/*"}
API = {"Accept": "application/json"}


async def test_one_port_answers_probes_api_and_page(served: Served) -> None:
    async with served.http() as http:
        assert (await http.get("/healthz")).json()["status"] == "live"
        assert (await http.get("/v1/models")).json()["object"] == "list"
        page = await http.get("/", headers=PAGE)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    async with served.connect() as client:
        assert (await client.call("health"))["ok"]


async def test_every_answer_carries_the_safe_headers(served: Served) -> None:
    async with served.http(token=None) as http:
        for path in ("/", "/healthz", "/v1/models", "/nowhere", "/assets/nothing.js"):
            reply = await http.get(path, headers=API)
            assert reply.headers["x-content-type-options"] == "nosniff", path
            assert reply.headers["referrer-policy"] == "no-referrer", path
            assert reply.headers["permissions-policy"] == "camera=(), microphone=(self), geolocation=()", path
            assert "server" not in reply.headers
            assert not [name for name in reply.headers if name.startswith("access-control-")]


def test_the_doors_open_without_what_only_some_need(tmp_path: Path) -> None:
    """A gateway is ready the sooner: FastAPI loads pydantic's first version for one parameter of a path."""
    code = """
import asyncio, pathlib, sys
from tests.unit.server.served import serve
async def main():
    async with serve(pathlib.Path(sys.argv[1])): pass
asyncio.run(main())
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith("pydantic.v1")]


async def test_frameworks_own_pages_are_not_there(served: Served) -> None:
    async with served.http(token=None) as http:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert (await http.get(path, headers=API)).status_code == 404


@pytest.mark.parametrize("path", ["/models", "/chat/completions", "/v1/nothing", "/hooks/agent", "/metrics/nothing"])
async def test_an_api_client_that_lost_its_way_gets_json(served: Served, path: str) -> None:
    async with served.http() as http:
        reply = await http.get(path, headers=PAGE)
    assert (reply.status_code, reply.json()["error"]["type"]) == (404, "not_found")


async def test_a_wrong_method_is_told_in_plain_words_with_the_right_ones(served: Served) -> None:
    async with served.http() as http:
        reply = await http.get("/v1/chat/completions")
    assert (reply.status_code, reply.text, reply.headers["allow"]) == (405, "Method Not Allowed", "POST")


async def test_without_the_page_everything_else_still_answers(tmp_path: Path) -> None:
    config = {
        "gateway": {"controlUi": {"enabled": False}, "http": {"endpoints": {"chatCompletions": {"enabled": True}}}}
    }
    async with serve(tmp_path, config) as served, served.http() as http:
        assert (await http.get("/", headers=PAGE)).status_code == 404
        assert (await http.get("/readyz")).status_code == 200
        assert (await http.get("/v1/models")).status_code == 200
        async with served.connect() as client:
            assert (await client.call("health"))["ok"]
