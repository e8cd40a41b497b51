"""`openclaw health`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.cli.health import channel_state, health_lines
from tests.unit.cli.conftest import HEALTH, FakeGateway, OpenClaw


def test_health_is_a_few_lines(own: FakeGateway, openclaw: OpenClaw) -> None:
    result = openclaw("health")
    assert result.exit_code == 0
    assert "Gateway: ok" in result.stdout
    assert "Agents: main (default)" in result.stdout
    assert "Sessions: 2" in result.stdout
    assert "Channels: none configured" in result.stdout


def test_health_as_json_is_what_the_gateway_said(own: FakeGateway, openclaw: OpenClaw) -> None:
    assert json.loads(openclaw("health", "--json").stdout) == HEALTH


def test_down_with_json_is_an_envelope(openclaw: OpenClaw) -> None:
    result = openclaw("health", "--json", OPENCLAW_GATEWAY_PORT="1")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False
    assert "Source: local (env)" in result.stderr


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"lastError": "401 Unauthorized", "connected": False}, "not working: 401 Unauthorized"),
        ({"connected": True, "running": True}, "connected"),
        ({"enabled": False}, "disabled"),
        ({"enabled": True, "configured": False}, "not configured"),
        ({"running": True}, "connecting"),
        ({}, "stopped"),
    ],
)
def test_a_channel_is_told_by_what_keeps_it_from_working(row: dict[str, Any], words: str) -> None:
    assert channel_state(row) == words


def test_channels_have_their_labels_and_order() -> None:
    health = HEALTH | {
        "channels": {"b": {}, "a": {"connected": True}},
        "channelOrder": ["a", "b"],
        "channelLabels": {"a": "Alpha"},
    }
    assert list(health_lines(health, 3))[-2:] == ["Channel Alpha: connected", "Channel b: stopped"]


def test_verbose_tells_of_sessions_too(own: FakeGateway, openclaw: OpenClaw) -> None:
    recent = [{"key": "agent:main:main", "updatedAt": 1}, {"key": "agent:main:new", "updatedAt": None}]
    own.answers["health"] = {
        "ok": True,
        "defaultAgentId": "main",
        "durationMs": 3,
        "sessions": {"path": "/state/gateway.sqlite", "count": 2, "recent": recent},
    }
    lines = openclaw("health", "--verbose").stdout.splitlines()
    assert lines[-5:-3] == ["Default agent: main", "Session store: /state/gateway.sqlite"]
    assert lines[-3].startswith("- agent:main:main (") and lines[-2:] == [
        "- agent:main:new (never)",
        "Answered in 3 ms",
    ]
    assert "Session store" not in openclaw("health").stdout
