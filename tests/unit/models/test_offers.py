"""Asking a provider which models it has."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.models.offers import CannotAsk, NoAnswer, Offer, ask_offers, read_offers
from clawfleet.models.setups import ProviderSetup, setups_of

KEY = "sk-test-0123456789abcdef"


class Server:
    """Answers every GET with one status and body, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps({"data": [{"id": "a"}, {"id": "b", "context_length": 4096}]})
        self.headers: Mapping[str, str] = {}
        self.seen: list[tuple[str, str | None]] = []
        outer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append((self.path, self.headers.get("Authorization")))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(outer.body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(5)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def setup(base_url: str, **more: Any) -> ProviderSetup:
    config = Config.model_validate({"models": {"providers": {"mine": {"baseUrl": base_url, "models": [], **more}}}})
    return setups_of(config, {})["mine"]


def test_the_models_come_in_the_servers_order_and_the_key_goes_along(server: Server) -> None:
    assert ask_offers(setup(server.url + "/", apiKey=KEY)) == (Offer("a"), Offer("b", 4096))
    assert server.seen == [("/v1/models", f"Bearer {KEY}")]


@pytest.mark.parametrize(
    ("status", "says"), [(401, "does not accept the key"), (404, "HTTP 404"), (302, "HTTP 302"), (500, "HTTP 500")]
)
def test_a_refusal_is_told_without_the_key(server: Server, status: int, says: str) -> None:
    server.status, server.headers = status, {"Location": f"{server.url}/elsewhere"}
    with pytest.raises(NoAnswer) as caught:
        ask_offers(setup(server.url, apiKey=KEY))
    assert says in caught.value.message
    assert KEY not in caught.value.message + str(caught.value.hint)
    assert len(server.seen) == 1, "a key follows no redirect"


def test_a_server_that_is_not_there_is_told(server: Server) -> None:
    gone = setup("http://127.0.0.1:1/v1")
    with pytest.raises(NoAnswer, match="connection refused"):
        ask_offers(gone, 2)
    with pytest.raises(NoAnswer, match="not valid"):
        ask_offers(setup("nonsense://x"), 2)


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(CannotAsk, match='Missing API key for provider "mine"') as caught:
        ask_offers(setup("https://models.example/v1"))
    assert caught.value.hint == "set MINE_API_KEY or models.providers.mine.apiKey"
    with pytest.raises(CannotAsk, match="needs KEY_OF_MINE"):
        ask_offers(setup("https://models.example/v1", apiKey="${KEY_OF_MINE}"))
    with pytest.raises(CannotAsk, match="no list of models"):
        ask_offers(setup("https://models.example", apiKey=KEY, api="anthropic-messages"))


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"data": 3}'])
def test_what_is_no_list_is_told(body: bytes) -> None:
    with pytest.raises(NoAnswer, match="no list of models"):
        read_offers(body, "http://x/models")


def test_other_spellings_are_read() -> None:
    assert read_offers(b'{"models": [{"name": "a"}, "b", {"id": ""}, {"x": 1}, 3, "b"]}', "x") == (
        Offer("a"),
        Offer("b"),
    )
