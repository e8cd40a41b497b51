"""`openclaw gateway health`."""

from __future__ import annotations

import json
import re

from tests.unit.cli.conftest import HEALTH, FakeGateway, OpenClaw


def test_a_healthy_gateway_is_ok_with_its_latency(own: FakeGateway, openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "health")
    assert result.exit_code == 0
    assert re.match(r"Gateway Health\nOK \(\d+ms\)\n", result.stdout)


def test_a_sick_gateway_exits_1(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["health"] = HEALTH | {"ok": False}
    assert openclaw("gateway", "health").exit_code == 1
    result = openclaw("gateway", "health", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False


def test_a_gateway_that_is_down_exits_1_and_says_how_to_start_it(openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "health", OPENCLAW_GATEWAY_PORT="1")
    assert result.exit_code == 1
    assert "Gateway not reachable at ws://127.0.0.1:1 (ECONNREFUSED)." in result.stderr
    assert "openclaw gateway run" in result.stderr
