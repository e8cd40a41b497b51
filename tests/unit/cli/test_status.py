"""`openclaw status`."""

from __future__ import annotations

import json
import os

from clawfleet.cli.status import boxed
from tests.unit.cli.conftest import HEALTH, FakeGateway, Home, OpenClaw


def test_the_page_of_a_running_gateway(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["health"] = HEALTH | {"channels": {"telegram": {"connected": True}}}
    result = openclaw("status")
    assert result.exit_code == 0
    assert result.stdout.startswith("Overview\n┌")
    for part in (
        f"local · ws://127.0.0.1:{own.port} (local loopback) · reachable ",
        "auth token · admin-capable",
        "telegram: connected",
        "main (default)",
        "2 stored · default demo/echo",
        f"running (pid {os.getpid()}",
        "openclaw logs --follow",
    ):
        assert part in result.stdout


def test_the_page_without_a_gateway_claims_nothing(openclaw: OpenClaw) -> None:
    result = openclaw("status", OPENCLAW_GATEWAY_PORT="1")
    assert result.exit_code == 0
    assert result.stdout.count("unknown (gateway not reachable)") == 3
    assert "ECONNREFUSED" in result.stdout
    assert result.stdout.endswith("Next: openclaw gateway run\n")


def test_what_narrows_the_tools_is_on_the_page(home: Home, openclaw: OpenClaw) -> None:
    """Also without a gateway: it follows from the config."""
    home.write_config('{"tools": {"profile": "full", "allow": ["exec"]}}')
    said = openclaw("status", OPENCLAW_GATEWAY_PORT="1").stdout
    assert "(narrowed by tools.allow; a running gateway knows which can work)" in said


def test_the_tools_are_those_that_the_gateway_tells(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["tools.explain"] = {"allowed": ["exec"], "total": 7, "narrowedBy": ["tools.deny"], "unavailable": []}
    assert "1 of 7 (narrowed by tools.deny)" in openclaw("status").stdout
    own.answers["tools.explain"]["unavailable"] = [{"name": "message", "why": "no channel is configured"}]
    assert "(narrowed by tools.deny; 1 cannot work here: openclaw tools explain)" in openclaw("status").stdout


def test_an_unresolved_token_does_not_break_the_page(home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{"gateway": {"mode": "local", "auth": {"token": "${NOT_SET}"}}}')
    assert openclaw("status", OPENCLAW_GATEWAY_PORT="1").exit_code == 0


def test_a_broken_config_sends_to_validate(home: Home, openclaw: OpenClaw) -> None:
    home.write_config("{ broken")
    result = openclaw("status", OPENCLAW_GATEWAY_PORT="1")
    assert result.exit_code == 0
    assert "Next: openclaw config validate" in result.stdout


def test_a_foreign_listener_comes_first(fake: FakeGateway, home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": "ours"}}}))
    assert openclaw("status").stdout.startswith(f"✗ Port {fake.port} is held by another gateway")


def test_json_has_the_keys_of_openclaw(own: FakeGateway, openclaw: OpenClaw) -> None:
    document = json.loads(openclaw("status", "--json").stdout)
    assert {"runtimeVersion", "gateway", "gatewayService", "agents", "sessions", "channelSummary", "os", "pid"} <= set(
        document
    )
    assert document["gateway"]["reachable"] is True
    assert document["pid"] == os.getpid()


def test_json_when_down_is_a_document_too(openclaw: OpenClaw) -> None:
    document = json.loads(openclaw("status", "--json", OPENCLAW_GATEWAY_PORT="1").stdout)
    assert document["gateway"]["reachable"] is False
    assert "ECONNREFUSED" in document["gateway"]["error"]


def test_a_box_is_as_wide_as_its_longest_value() -> None:
    lines = list(boxed([("A", "1"), ("Name", "a long value")]))
    assert len({len(line) for line in lines}) == 1
    assert "│ Name │ a long value │" in lines
