"""`openclaw gateway start`."""

from __future__ import annotations

import json

import pytest

from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import Home, OpenClaw


@pytest.fixture
def installed(openclaw: OpenClaw, service: FakeDaemon) -> FakeDaemon:
    """An installed service that is stopped."""
    assert openclaw("gateway", "install", "--port", str(free_port())).exit_code == 0
    assert openclaw("gateway", "stop").exit_code == 0
    service.calls.clear()
    return service


def test_it_returns_when_the_gateway_answers(openclaw: OpenClaw, installed: FakeDaemon) -> None:
    result = openclaw("gateway", "start")
    assert result.exit_code == 0
    assert installed.running is not None
    assert result.stdout.startswith("Started systemd service: openclaw-gateway.service\nGateway ready on port ")
    again = json.loads(openclaw("gateway", "start", "--json").stdout)
    assert again == {
        "action": "start",
        "ok": True,
        "result": "already-running",
        "message": f"Gateway service already running (pid {installed.running.pid}).",
        "service": {
            "label": "openclaw-gateway.service",
            "loaded": True,
            "loadedText": "enabled",
            "notLoadedText": "disabled",
        },
    }


def test_a_port_that_was_changed_meanwhile_counts(openclaw: OpenClaw, installed: FakeDaemon) -> None:
    port = free_port()
    openclaw("config", "set", "gateway.port", str(port))
    assert f"Gateway ready on port {port}" in openclaw("gateway", "start").stdout


def test_a_broken_config_is_the_reason_and_nothing_is_started(
    openclaw: OpenClaw, installed: FakeDaemon, home: Home
) -> None:
    home.write_config("{ broken")
    result = openclaw("gateway", "start")
    assert result.exit_code == 1
    assert "Not started: Invalid config" in result.stderr
    assert installed.calls == []


def test_without_a_service_both_ways_are_named(openclaw: OpenClaw, service: FakeDaemon) -> None:
    result = openclaw("gateway", "start", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["ok"] is False
    assert "not installed" in document["error"]
    assert document["hints"][0].endswith("openclaw gateway install")
    assert "not installed" in result.stderr


def test_another_supervisor_is_not_fought_with(openclaw: OpenClaw, installed: FakeDaemon) -> None:
    for verb in ("start", "stop", "install", "uninstall"):
        result = openclaw("gateway", verb, OPENCLAW_SUPERVISOR_MODE="external")
        assert result.exit_code == 1
        assert "another supervisor runs this gateway" in result.stderr
