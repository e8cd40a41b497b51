"""`openclaw models list`."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import FakeGateway, OpenClaw

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
