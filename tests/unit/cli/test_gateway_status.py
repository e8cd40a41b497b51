"""`openclaw gateway status`."""

from __future__ import annotations

import json
import os
import socket

import pytest

from tests.support.fake_service import FakeDaemon
from tests.support.gateway import free_port
from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw

LABELS = [
    "Service", "  CLI installed; background service not registered. Run", "File logs", "Config (cli)", "Gateway",
    "Probe target", "Dashboard", "Probe note", "CLI version", "Runtime", "Connectivity probe", "RPC probe",
    "Capability", "Listening", "Troubles",
]  # fmt: skip


def test_a_running_gateway_has_every_label_of_openclaw(own: FakeGateway, openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "status")
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == LABELS
    assert "Connectivity probe: ok" in lines
    assert "RPC probe: ok" in lines
    assert "Capability: admin-capable" in lines
    assert f"Runtime: running (pid {os.getpid()}, in the foreground, since" in result.stdout
    assert f"Listening: 127.0.0.1:{own.port}" in lines
    assert "Probe note: Loopback-only gateway; only local clients can connect." in lines
    assert "#token" not in result.stdout


def test_a_gateway_that_is_down_is_reported_on_stdout_with_exit_0(openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "status", OPENCLAW_GATEWAY_PORT="1")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "Runtime: not running" in result.stdout
    assert "Connectivity probe: failed\n  Gateway not reachable at ws://127.0.0.1:1 (ECONNREFUSED)." in result.stdout
    assert "start it: openclaw gateway run" in result.stdout


def test_require_rpc_makes_a_failed_probe_a_failed_command(own: FakeGateway, openclaw: OpenClaw) -> None:
    assert openclaw("gateway", "status", "--require-rpc").exit_code == 0
    assert openclaw("gateway", "status", "--require-rpc", "--token", "wrong").exit_code == 1
    assert openclaw("gateway", "status", "--require-rpc", "--no-probe").exit_code == 1


def test_a_wrong_token_is_told_under_the_probe(own: FakeGateway, openclaw: OpenClaw) -> None:
    out = openclaw("gateway", "status", "--token", "wrong").stdout
    assert "Connectivity probe: failed\n  gateway connect failed: unauthorized: gateway token mismatch" in out
    assert "wrong" not in out


def test_somebody_elses_listener_comes_first_with_its_mend(fake: FakeGateway, home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": "ours"}}}))
    lines = openclaw("gateway", "status").stdout.splitlines()
    assert lines[0].startswith(f"✗ Port {fake.port} is held by another gateway, pid {os.getpid()}")
    assert lines[1].startswith("  Fix: ")
    assert "Runtime: not running" in lines


def test_a_broken_config_is_shown_and_does_not_hide_the_rest(home: Home, openclaw: OpenClaw) -> None:
    home.write_config("{ broken")
    result = openclaw("gateway", "status", OPENCLAW_GATEWAY_PORT="1")
    assert result.exit_code == 0
    assert "openclaw.json (invalid)" in result.stdout
    assert "Listening: nobody" in result.stdout


def test_json_has_the_keys_of_openclaw(own: FakeGateway, openclaw: OpenClaw) -> None:
    document = json.loads(openclaw("gateway", "status", "--json").stdout)
    assert {"cli", "logFile", "service", "config", "gateway", "port", "rpc", "extraServices"} <= set(document)
    assert document["rpc"]["ok"] is True
    assert document["rpc"]["url"] == f"ws://127.0.0.1:{own.port}"
    assert document["port"]["status"] == "busy"
    assert document["port"]["listeners"][0]["pid"] == os.getpid()
    assert document["service"]["runtime"]["status"] == "running"
    assert document["service"]["runtime"]["pid"] == os.getpid()
    assert document["service"]["phase"] == "not installed"
    assert document["service"]["configAudit"] == {"ok": True, "issues": []}
    assert document["pids"] == {"service": None, "lock": os.getpid(), "listener": os.getpid()}
    assert document["gateway"]["portSource"] == "lock"


def test_json_when_down_is_a_document_too(openclaw: OpenClaw) -> None:
    document = json.loads(openclaw("gateway", "status", "--json", OPENCLAW_GATEWAY_PORT="1").stdout)
    assert document["rpc"]["ok"] is False
    assert "ECONNREFUSED" in document["rpc"]["error"]
    assert document["port"] == {"port": 1, "status": "free", "listeners": [], "hints": []}


def test_no_probe_leaves_the_gateway_alone(own: FakeGateway, openclaw: OpenClaw) -> None:
    out = openclaw("gateway", "status", "--no-probe").stdout
    assert "Connectivity probe" not in out
    assert own.requests == []
    assert "rpc" not in json.loads(openclaw("gateway", "status", "--no-probe", "--json").stdout)


def test_the_real_listeners_are_compared_with_the_config(home: Home, openclaw: OpenClaw) -> None:
    """The config says loopback, the socket says everywhere: the socket is right."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        home.write_config(json.dumps({"gateway": {"mode": "local", "port": server.getsockname()[1]}}))
        out = openclaw("gateway", "status", "--no-probe").stdout
    assert "Reachable from other machines (0.0.0.0); the config says loopback: restart to apply." in out


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"bind": "lan"}, "bind=lan (0.0.0.0)"),
        ({"bind": "auto"}, "bind=auto (0.0.0.0)"),
        ({"bind": "tailnet"}, "bind=tailnet ("),
        ({"bind": "custom", "customBindHost": "10.0.0.5"}, "bind=custom (10.0.0.5)"),
        ({"port": 20555}, "port=20555 (config)"),
    ],
)
def test_the_gateway_line_says_what_is_configured(
    home: Home, openclaw: OpenClaw, config: dict[str, object], text: str
) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", **config}}))
    assert text in openclaw("gateway", "status", "--no-probe").stdout


def test_the_service_is_told_with_its_file_and_process(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    port = free_port()
    openclaw("gateway", "install", "--port", str(port))
    assert service.running is not None
    pid = service.running.pid
    lines = openclaw("gateway", "status", "--no-probe").stdout.splitlines()
    assert lines[0] == "Service: systemd user (enabled) · running"
    assert f"Service file: ~/{service.file.relative_to(home.root)}" in lines
    assert f"Service env: OPENCLAW_GATEWAY_PORT={port}" in lines
    assert "Config (service): ~/.openclaw/openclaw.json" in lines
    assert f"Runtime: running (pid {pid}, state active, last exit 0, reason 0)" in lines
    document = json.loads(openclaw("gateway", "status", "--no-probe", "--json").stdout)
    assert document["pids"] == {"service": pid, "lock": pid, "listener": pid}
    assert document["service"]["loadState"] == "loaded"
    assert document["service"]["command"]["programArguments"][-2:] == ["--port", str(port)]
    assert document["config"]["daemon"] == {"path": str(home.config_path), "exists": True, "valid": True}
    assert "systemd user (enabled) · running · running (pid" in openclaw("status").stdout


def test_a_port_of_the_config_that_the_service_does_not_serve(openclaw: OpenClaw, service: FakeDaemon) -> None:
    """Both values, and which wins until when; the stopped service is looked for where it will be."""
    openclaw("gateway", "install", "--port", str(port := free_port()))
    openclaw("config", "set", "gateway.port", "20999")
    openclaw("gateway", "stop")
    out = openclaw("gateway", "status", "--no-probe").stdout
    drift = f"port: service {port} (service args), config 20999; the service's wins until: openclaw gateway restart"
    assert f"Drift: {drift}" in out
    assert f"port={port} (service args)" in out
    audit = json.loads(openclaw("gateway", "status", "--no-probe", "--json").stdout)["service"]["configAudit"]
    assert audit == {"ok": False, "issues": [{"code": "port", "message": drift, "level": "recommended"}]}


def test_a_stopped_service_is_no_accident(openclaw: OpenClaw, service: FakeDaemon) -> None:
    openclaw("gateway", "install", "--port", str(free_port()))
    openclaw("gateway", "stop")
    lines = openclaw("gateway", "status", "--no-probe").stdout.splitlines()
    assert lines[0] == "Service: systemd user (enabled) · loaded, not running (exit 0: stopped)"
    assert lines[1] == "  Start: openclaw gateway start"
    openclaw("gateway", "stop", "--disable")
    assert openclaw("gateway", "status", "--no-probe").stdout.splitlines()[:2] == [
        "Service: systemd user (disabled) · installed, not loaded (exit 0)",
        "  Fix: openclaw gateway start",
    ]


def test_a_service_that_gave_up_says_why(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    service.behaviour = "exits 78"
    openclaw("gateway", "install", "--port", str(free_port()))
    home.write_config("{ broken")
    line = openclaw("gateway", "status", "--no-probe").stdout.splitlines()[0]
    assert line.startswith("Service: systemd user (enabled) · loaded, not running (exit 78: Invalid config at ")


def test_looking_deep_names_other_gateways(openclaw: OpenClaw, service: FakeDaemon, home: Home) -> None:
    units = home.root / ".config" / "systemd" / "user"
    units.mkdir(parents=True)
    (units / "clawdbot-gateway.service").write_text("[Service]\nExecStart=/gone/clawdbot gateway --port 18789\n")
    assert "clawdbot" not in openclaw("gateway", "status", "--no-probe").stdout
    out = openclaw("gateway", "status", "--no-probe", "--deep").stdout
    assert "Other gateway-like services detected (best effort):\n  - clawdbot-gateway.service (user, port 18789" in out
    (extra,) = json.loads(openclaw("gateway", "status", "--no-probe", "--deep", "--json").stdout)["extraServices"]
    assert (extra["label"], extra["scope"], extra["broken"]) == ("clawdbot-gateway.service", "user", True)
