"""`openclaw models list`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw

ECHO = {
    "id": "echo", "name": "Echo", "provider": "demo", "contextWindow": 8000, "input": ["text"],
    "available": True, "tags": ["default"],
}  # fmt: skip
LARGE = {
    "id": "large", "name": "Large", "provider": "acme", "contextWindow": 200_000, "input": ["text", "image"],
    "available": False, "tags": [],
}  # fmt: skip


def test_models_are_a_table(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["models.list"] = {"models": [ECHO, LARGE]}
    lines = [line.split() for line in openclaw("models", "list").stdout.splitlines()]
    assert lines == [
        ["Model", "Input", "Ctx", "Local", "Auth", "Tags"],
        ["demo/echo", "text", "8k", "no", "yes", "default"],
        ["acme/large", "text+image", "200k", "no", "no", "-"],
    ]


def test_one_provider_plainly(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["models.list"] = {"models": [ECHO, LARGE]}
    assert openclaw("models", "list", "--provider", "acme", "--plain", "--all").stdout == "acme/large\n"
    assert own.calls("models.list") == [{"view": "all", "includeDetails": True}]


def test_json_has_the_originals_keys(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["models.list"] = {"models": [ECHO]}
    document = json.loads(openclaw("models", "list", "--json").stdout)
    assert document["count"] == 1
    assert document["models"][0] | {"key": "demo/echo", "input": "text", "available": True} == document["models"][0]


def test_none_is_said_to_be_none(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["models.list"] = {"models": []}
    assert openclaw("models", "list").stdout == "No models.\n"


def test_without_a_gateway_the_config_says_it(openclaw: OpenClaw) -> None:
    rows = json.loads(openclaw("models", "list", "--json").stdout)["models"]
    assert [(row["key"], row["local"], row["available"], row["tags"]) for row in rows] == [
        ("demo/echo", True, True, ["default"])
    ]


CONFIG = """{
  models: {providers: {
    far: {baseUrl: "https://far.example/v1", models: [{id: "one"}]},
    lan: {baseUrl: "http://127.0.0.1:9/v1", models: [{id: "two"}]}}},
  agents: {defaults: {model: {primary: "lan/two", fallbacks: ["far/one"]}, models: {"far/one": {alias: "best"}}}},
}"""


def test_what_is_written_down_is_always_listed_with_what_it_is(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(CONFIG)
    lines = [line.split() for line in openclaw("models", "list").stdout.splitlines()]
    assert lines[1:3] == [
        ["far/one", "text", "128k", "no", "no", "fallback#1,alias:best,configured"],
        ["lan/two", "text", "128k", "yes", "yes", "default,configured"],
    ]
    assert openclaw("models", "list", "--local", "--plain").stdout == "lan/two\n"
    assert openclaw("models", "list", "--agent", "nobody").exit_code != 0


def test_the_gateway_is_asked_for_an_agent_and_anew(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["models.list"] = {"models": [ECHO]}
    openclaw("models", "list", "--agent", "coding", "--refresh")
    assert own.calls("models.list") == [
        {"view": "default", "includeDetails": True, "agentId": "coding", "refresh": True}
    ]
