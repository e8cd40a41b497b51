"""`openclaw gateway status`."""

from __future__ import annotations

import json
import os
import socket

import pytest

from clawfleet.host.lock import StateLock
from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw

LABELS = [
    "Service", "File logs", "Config (cli)", "Gateway", "Probe target", "Dashboard", "Probe note", "CLI version",
    "Runtime", "Connectivity probe", "RPC probe", "Capability", "Listening", "Troubles",
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
    assert document["service"]["runtime"] == {"status": "running", "pid": os.getpid()}
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
        ({"bind": "tailnet"}, "bind=tailnet (unknown)"),
        ({"bind": "custom", "customBindHost": "10.0.0.5"}, "bind=custom (10.0.0.5)"),
        ({"port": 20555}, "port=20555 (config)"),
    ],
)
def test_the_gateway_line_says_what_is_configured(
    home: Home, openclaw: OpenClaw, config: dict[str, object], text: str
) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", **config}}))
    assert text in openclaw("gateway", "status", "--no-probe").stdout


def test_the_unit_that_runs_the_gateway_is_named(home: Home, openclaw: OpenClaw) -> None:
    unit = "openclaw-gateway-ops.service"
    lock = StateLock.acquire(home.store_dir, port=1, config_path=home.config_path, service=unit)
    lines = openclaw("gateway", "status", "--no-probe").stdout
    document = json.loads(openclaw("gateway", "status", "--no-probe", "--json").stdout)
    page = openclaw("status").stdout
    lock.release()
    assert f"Service: systemd {unit} (running)\n" in lines
    assert f"Runtime: running (pid {os.getpid()}, by systemd unit {unit}, since" in lines
    assert (document["service"]["label"], document["service"]["loadState"]) == (unit, "loaded")
    assert f"systemd {unit} (running) · running (pid" in page


def test_without_a_unit_nothing_is_claimed_about_one(own: FakeGateway, openclaw: OpenClaw) -> None:
    assert "Service: none (started by hand)\n" in openclaw("gateway", "status").stdout
    assert json.loads(openclaw("gateway", "status", "--json").stdout)["service"]["label"] is None
