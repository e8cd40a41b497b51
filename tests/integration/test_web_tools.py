"""The web tools as a user meets them: a model calls them in a turn of a real gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import openai
import pytest

from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory, GatewayProcess


class _Site(BaseHTTPRequestHandler):
    """A story, a way to somewhere inside, and a search service."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        port = self.server.server_address[1]  # type: ignore[index]
        if self.path == "/away":
            self._answer(302, b"", ("Location", f"http://127.0.0.1:{port}/secret"))
        elif self.path.startswith("/res/v1/web/search"):
            row = {"title": "A page", "url": "https://page.example/", "description": "what it says"}
            known = self.headers["X-Subscription-Token"] == "brave-key"
            self._answer(200 if known else 401, json.dumps({"web": {"results": [row]}}).encode())
        else:
            story = "<p>Once upon a time, there was a gateway, and it had a story, and it told it.</p>" * 10
            self._answer(200, f"<title>Tale</title><article>{story}</article>".encode(), ("Content-Type", "text/html"))

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    """A web server on this machine; `asked` are the paths that reached it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.asked = []  # type: ignore[attr-defined]
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    yield server
    server.shutdown()
    server.server_close()
    serving.join()


def _gateway(gateway: GatewayFactory, fake: FakeOpenAI, **tools: Any) -> GatewayProcess:
    return gateway(
        {
            "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
            "models": {"providers": {"fake": fake.provider("fake-1")}},
            "agents": {"defaults": {"model": "fake/fake-1"}},
            "tools": tools,
        },
        env={"OPENAI_API_KEY": "sk-hunter2"},
    )


def _turn(running: GatewayProcess, fake: FakeOpenAI, tool: str, **arguments: object) -> tuple[set[str], str]:
    """The tools on offer in a turn in which the model calls `tool`, and the result that it was given."""
    fake.reset()
    fake.script({"tool": tool, "arguments": json.dumps(arguments)}, {"like": "fake-tool"})
    with openai.OpenAI(base_url=f"{running.url}/v1", api_key=running.token, max_retries=0, timeout=60) as client:
        client.chat.completions.create(model="openclaw", messages=[{"role": "user", "content": "go"}])
    body = fake.requests()[-1]["body"]
    told = [row for row in body["messages"] if row["role"] == "tool"]
    return {row["function"]["name"] for row in body["tools"]}, str(told[-1]["content"])


def test_a_model_reads_no_page_of_this_machine_unless_it_is_opened(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, site: ThreadingHTTPServer
) -> None:
    """Refused by default, in odd spellings too; one host opened in the config; a redirect from it is judged again."""
    port = site.server_address[1]
    running = _gateway(gateway, fake_openai)
    for host in ("127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"):
        offered, told = _turn(running, fake_openai, "web_fetch", url=f"http://{host}:{port}/")
        assert "web_fetch" in offered
        assert "web_search" not in offered
        assert "Blocked hostname or private/internal/special-use IP address" in told
    assert site.asked == []  # type: ignore[attr-defined]

    running.write_config(
        json.loads(running.config_path.read_text())
        | {"tools": {"web": {"fetch": {"ssrfPolicy": {"allowedHostnames": ["localhost"]}}}}}
    )
    running.stop()
    running.start()
    page = json.loads(_turn(running, fake_openai, "web_fetch", url=f"http://localhost:{port}/")[1])
    assert (page["status"], page["extractor"]) == (200, "readability")
    assert "Once upon a time" in page["text"]
    assert "Tale" in page["title"]
    told = _turn(running, fake_openai, "web_fetch", url=f"http://localhost:{port}/away")[1]
    assert "Blocked hostname or private/internal/special-use IP address: 127.0.0.1" in told
    assert site.asked == ["/", "/away"]  # type: ignore[attr-defined]


def test_a_model_searches_with_the_operators_key(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, site: ThreadingHTTPServer
) -> None:
    """The key reaches the service and nobody else."""
    search = {"apiKey": "brave-key", "baseUrl": f"http://127.0.0.1:{site.server_address[1]}"}
    running = _gateway(gateway, fake_openai, web={"search": search})
    offered, told = _turn(running, fake_openai, "web_search", query="pages")
    assert "web_search" in offered
    found = json.loads(told)
    assert (found["count"], found["results"][0]["url"]) == (1, "https://page.example/")
    assert "what it says" in found["results"][0]["snippet"]
    assert "brave-key" not in told + running.log()
