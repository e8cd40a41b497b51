"""`openclaw sessions list`."""

from __future__ import annotations

import json
import time

from tests.unit.cli.conftest import FakeGateway, OpenClaw

ROW = {
    "key": "agent:main:main",
    "kind": "direct",
    "modelProvider": "demo",
    "model": "echo",
    "totalTokens": 12,
    "contextTokens": 8000,
}


def test_conversations_are_a_table(own: FakeGateway, openclaw: OpenClaw) -> None:
    now = round(time.time() * 1000)
    own.answers["sessions.list"] = {"totalCount": 5, "sessions": [ROW | {"updatedAt": now - 7_200_000}, {"key": "k"}]}
    lines = openclaw("sessions").stdout.splitlines()
    assert lines[0] == "Sessions: 2 of 5"
    assert lines[1].split() == ["Key", "Kind", "Age", "Model", "Tokens"]
    assert lines[2].split() == ["agent:main:main", "direct", "2", "h", "demo/echo", "12/8000"]
    assert lines[3].split() == ["k", "-", "never", "-", "0/?"]


def test_flags_narrow_the_question(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["sessions.list"] = {"sessions": [ROW], "totalCount": 1}
    result = openclaw("sessions", "--agent", "ops", "--limit", "7", "--active", "30", "--json")
    assert json.loads(result.stdout)["sessions"] == [ROW]
    assert own.calls("sessions.list") == [{"limit": 7, "agentId": "ops", "activeMinutes": 30}]
    assert own.calls("connect")[0]["scopes"] == ["operator.read"]
