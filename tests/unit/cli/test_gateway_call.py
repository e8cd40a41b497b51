"""`openclaw gateway call`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from tests.unit.cli.conftest import TOKEN, FakeGateway, OpenClaw


def test_a_method_is_called_with_its_parameters(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["sessions.list"] = {"sessions": []}
    result = openclaw("gateway", "call", "sessions.list", "--params", '{"limit": 5}')
    assert result.exit_code == 0
    first, _, document = result.stdout.partition("\n")
    assert first == "Gateway call: sessions.list"
    assert json.loads(document) == {"sessions": []}
    assert own.calls("sessions.list") == [{"limit": 5}]


def test_with_json_only_the_answer_is_printed(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["system-presence"] = []
    result = openclaw("gateway", "call", "system-presence", "--json")
    assert json.loads(result.stdout) == []


def test_an_unknown_method_fails_in_the_words_of_openclaw(own: FakeGateway, openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "call", "nope", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["message"] == "Gateway call failed: unknown method: nope"


@pytest.mark.parametrize("params", ["{", "[1]", "5"])
def test_parameters_must_be_one_object(openclaw: OpenClaw, params: str) -> None:
    result = openclaw("gateway", "call", "health", "--params", params)
    assert result.exit_code == 2
    assert "--params" in result.stderr


def test_another_gateway_needs_its_own_credential(fake: FakeGateway, openclaw: OpenClaw) -> None:
    assert openclaw("gateway", "call", "health", "--url", fake.url).exit_code == 2
    assert openclaw("gateway", "call", "health", "--url", fake.url, "--token", TOKEN).exit_code == 0
    assert len(fake.calls("connect")) == 1


def test_a_mistyped_method_is_told_the_nearest_one(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.methods = ["health", "chat.history", "chat.send"]
    result = openclaw("gateway", "call", "chat.histroy", "--json")
    assert "did you mean chat.history?" in result.stderr
    assert json.loads(result.stdout)["error"]["hint"] == "did you mean chat.history?"
    assert openclaw("gateway", "call", "zzz").stderr == "✗ Gateway call failed: unknown method: zzz\n"


def test_the_gateways_code_reaches_the_script(own: FakeGateway, openclaw: OpenClaw) -> None:
    def refuse(gateway: FakeGateway, peer: ServerConnection, request: dict[str, Any]) -> None:
        details = {"code": "PROVIDER_RATE_LIMITED", "status": 429, "hint": "wait"}
        error = {"code": "UNAVAILABLE", "message": "slow down", "details": details, "retryAfterMs": 2000}
        gateway.fail(peer, request, error)

    own.answers["agent"] = refuse
    told = {"code": "PROVIDER_RATE_LIMITED", "status": 429, "retryAfterMs": 2000, "hint": "wait"}
    for line in (("gateway", "call", "agent", "--json"), ("agent", "-m", "hi", "--json")):
        error = json.loads(openclaw(*line).stdout)["error"]
        assert error["type"] == "cli_error"
        assert error | told == error
    unknown = json.loads(openclaw("gateway", "call", "nope", "--json").stdout)["error"]
    assert unknown["code"] == "INVALID_REQUEST", "an older gateway without details has its wire code"
