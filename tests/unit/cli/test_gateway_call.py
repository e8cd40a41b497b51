"""`openclaw gateway call`."""

from __future__ import annotations

import json

import pytest

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
