"""Asking a provider which models it has, each in its own way; keys go nowhere else and are not shown."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.models.discovery import CannotAsk, Listing, NoAnswer, ask_listing, ask_local, ask_offers
from clawfleet.models.offers import Offer
from clawfleet.models.setups import ProviderSetup, setups_of
from tests.fakes.ollama.app import make_app
from tests.fakes.serving import in_thread

KEY = "sk-test-0123456789abcdef"
TEXT = ("text",)


class Server:
    """Answers every GET with one status and body, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps({"data": [{"id": "a"}, {"id": "b", "context_length": 4096}]})
        self.headers: Mapping[str, str] = {}
        self.paths: dict[str, tuple[int, str]] = {}
        self.seen: list[tuple[str, str | None]] = []
        self.shown: list[dict[str, str]] = []
        outer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append((self.path, self.headers.get("Authorization")))
                outer.shown.append({name.lower(): value for name, value in self.headers.items()})
                status, body = outer.paths.get(self.path, (outer.status, outer.body))
                self.send_response(status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(30)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def setup(base_url: str, name: str = "mine", **more: Any) -> ProviderSetup:
    config = Config.model_validate({"models": {"providers": {name: {"baseUrl": base_url, "models": [], **more}}}})
    return setups_of(config, {})[name]


def test_the_models_come_in_the_servers_order_and_the_key_goes_along(server: Server) -> None:
    found = ask_offers(setup(server.url + "/", apiKey=KEY))
    assert found == (Offer("a", input=TEXT), Offer("b", 4096, input=TEXT))
    assert server.seen == [("/v1/models", f"Bearer {KEY}")]


def test_what_the_config_says_of_requests_holds_here_too(server: Server) -> None:
    auth = {"mode": "header", "headerName": "x-team", "value": "v"}
    ask_offers(setup(server.url, apiKey=KEY, headers={"X-A": "1"}, request={"auth": auth}))
    assert (server.shown[0]["x-a"], server.shown[0]["x-team"]) == ("1", "v")
    assert "authorization" not in server.shown[0]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, 'Provider "mine" rejected the key (HTTP 401: Missing API key)'),
        (404, "has no list of models (HTTP 404)"),
        (302, "answered HTTP 302"),
        (500, "answered HTTP 500: Missing API key"),
    ],
)
def test_a_refusal_is_told_without_the_key(server: Server, status: int, says: str) -> None:
    server.status, server.headers = status, {"Location": f"{server.url}/elsewhere"}
    server.body = '{"error":"Missing API key"}'
    with pytest.raises(NoAnswer) as caught:
        ask_offers(setup(server.url, apiKey=KEY))
    assert says in caught.value.message
    assert KEY not in caught.value.message + str(caught.value.hint)
    assert len(server.seen) == 1, "a key follows no redirect"


def test_a_key_that_is_wanted_and_not_set_is_said_as_such(server: Server) -> None:
    server.status, server.body = 401, '{"error":"Missing API key"}'
    with pytest.raises(NoAnswer, match=r'"mine" wants a key and none is set \(HTTP 401: Missing API key\)') as caught:
        ask_offers(setup(server.url))
    assert caught.value.hint == "set MINE_API_KEY or models.providers.mine.apiKey"


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with pytest.raises(NoAnswer, match=r"Cannot reach http://127\.0\.0\.1:\d+: connection refused\. Is the server"):
            ask_offers(setup(url), 2)
    with pytest.raises(NoAnswer, match="not valid"):
        ask_offers(setup("nonsense://x"), 2)


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(CannotAsk, match='Missing API key for provider "mine"') as caught:
        ask_offers(setup("https://models.example/v1"))
    assert caught.value.hint == "set MINE_API_KEY or models.providers.mine.apiKey"
    with pytest.raises(CannotAsk, match="needs KEY_OF_MINE"):
        ask_offers(setup("https://models.example/v1", apiKey="${KEY_OF_MINE}"))


@pytest.mark.parametrize("body", ["<html>", "{}", '{"data": 3}'])
def test_what_is_no_list_is_told(server: Server, body: str) -> None:
    server.body = body
    with pytest.raises(NoAnswer, match="no list of models"):
        ask_offers(setup(server.url))


def test_the_address_that_answers_is_told_when_it_is_another(server: Server) -> None:
    root = server.url.removesuffix("/v1")
    server.paths["/models"] = (404, "{}")
    assert ask_listing(setup(root)).base_url == server.url


def test_anthropic_is_asked_with_its_own_header_then_with_bearer(server: Server) -> None:
    server.paths["/v1/models?limit=1000"] = (401, "{}")
    with pytest.raises(NoAnswer):
        ask_offers(setup(server.url, apiKey=KEY, api="anthropic-messages"))
    first, second = server.shown
    assert (first["x-api-key"], first["anthropic-version"]) == (KEY, "2023-06-01")
    assert second["authorization"] == f"Bearer {KEY}" and "x-api-key" not in second


def test_google_lists_what_can_chat(server: Server) -> None:
    rows = [
        {"name": "models/gemini-x", "inputTokenLimit": 1000, "outputTokenLimit": 50, "displayName": "Gemini X",
         "thinking": True, "supportedGenerationMethods": ["generateContent"]},
        {"name": "models/embed", "supportedGenerationMethods": ["embedContent"]},
    ]  # fmt: skip
    server.body = json.dumps({"models": rows})
    found = ask_offers(setup(server.url, apiKey=KEY, api="google-generative-ai"))
    assert found == (Offer("gemini-x", 1000, 50, ("text", "image"), True, "Gemini X"),)
    assert server.shown[0]["x-goog-api-key"] == KEY


def test_lm_studio_says_more_at_its_own_address_than_at_the_common_one(server: Server) -> None:
    own = [{"key": "qwen", "type": "llm", "max_context_length": 9, "capabilities": {"vision": True},
            "loaded_instances": [{"config": {"context_length": 7}}]}, {"key": "e", "type": "embedding"}]  # fmt: skip
    server.paths["/api/v1/models"] = (200, json.dumps({"models": own}))
    assert ask_offers(setup(server.url, "lmstudio")) == (Offer("qwen", 7, input=("text", "image")),)
    server.paths["/api/v1/models"] = server.paths["/api/v0/models"] = (404, "{}")
    assert [offer.id for offer in ask_offers(setup(server.url, "lmstudio"))] == ["a", "b"]


def test_litellm_says_more_too(server: Server) -> None:
    row = {"model_name": "big", "model_info": {"max_input_tokens": 9, "supports_vision": False}}
    server.paths["/model/info"] = (200, json.dumps({"data": [row]}))
    assert ask_offers(setup(server.url, "litellm")) == (Offer("big", 9, input=TEXT),)


def test_ollama_is_asked_what_each_model_can_do() -> None:
    with in_thread(lambda: make_app("")) as url:
        found = ask_offers(setup(f"{url}/v1", "ollama"))
    assert found == (
        Offer("fake-1", 8192, input=TEXT),
        Offer("fake-think", 65536, input=TEXT, reasoning=True),
        Offer("fake-see", 4096, input=("text", "image")),
    )


def test_servers_on_this_machine_are_asked_at_once_and_each_says_what_it_has_or_why_not(server: Server) -> None:
    with in_thread(lambda: make_app("")) as url:
        setups = [setup(url, "ollama"), setup(server.url, "vllm"), setup("http://127.0.0.1:9", "sglang")]
        one, two, three = ask_local(setups, 5)
    assert isinstance(one, Listing) and len(one.offers) == 3
    assert isinstance(two, Listing) and len(two.offers) == 2
    assert isinstance(three, NoAnswer) and "connection refused" in three.message
