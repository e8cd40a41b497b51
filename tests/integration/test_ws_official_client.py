"""The published reference client against a real gateway: it connects, asks, follows a turn, and is refused clearly."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Station
from tests.support.npm import installed, node

pytestmark = pytest.mark.npm

CLIENT = "@openclaw/gateway-client@2026.9.1"
SCRIPT = Path(__file__).with_name("clients") / "official_client.mjs"
LIMIT_S = 60.0


def run_client(station: Station, token: str) -> dict[str, Any]:
    done = subprocess.run(
        [str(node()), str(SCRIPT), station.gateway.ws_url, token],
        cwd=installed(CLIENT),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_it_is_let_in_and_follows_a_turn_without_a_gap(station: Station) -> None:
    seen = run_client(station, station.gateway.token)
    assert "error" not in seen, seen["error"]
    assert seen["gaps"] == []
    assert seen["hello"]["type"] == "hello-ok"
    assert seen["health"]["ok"] is True
    assert seen["status"]["port"] == station.gateway.port
    assert seen["agent"]["status"] == "ok"
    assert "You said: hi" in seen["agent"]["result"]["payloads"][0]["text"]
    assert seen["send"] == {"runId": "official-chat", "status": "started"}
    assert "from-the-tool" in seen["final"]["message"]["content"][0]["text"]
    assert {"lifecycle", "assistant", "item", "tool", "command_output"} <= set(seen["streams"])
    roles = [row["role"] for row in seen["history"]["messages"]]
    assert roles == ["user", "assistant", "user", "assistant", "toolResult", "assistant"]
    assert seen["unknown"] == "unknown method: no.such.method"


def test_with_a_wrong_token_it_knows_why_and_what_next(station: Station) -> None:
    error = run_client(station, "wrong")["error"]
    assert error["message"] == "unauthorized: gateway token mismatch (provide gateway auth token/password)"
    assert error["details"]["code"] == "AUTH_TOKEN_MISMATCH"
    assert error["details"]["recommendedNextStep"] == "update_auth_credentials"
