"""The original's own command line, unpatched, against a real gateway: a large download, so only on demand."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Station
from tests.support.device import DeviceKey
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.npm import installed, node
from tests.support.protocol_client import open_socket

pytestmark = [pytest.mark.npm, pytest.mark.full]

CLI = "openclaw@2026.9.6"
LIMIT_S = 90.0


class CommandLine:
    """`openclaw` of the original with a home of its own; it reads the very config file of the gateway it asks."""

    def __init__(self, gateway: GatewayProcess, home: Path, *, port: bool = True) -> None:
        self._program = installed(CLI) / "node_modules" / "openclaw" / "openclaw.mjs"
        self._env = {
            "PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "OPENCLAW_GATEWAY_TOKEN": gateway.token,
            "OPENCLAW_CONFIG_PATH": str(gateway.config_path),
            "NO_COLOR": "1",
        } | ({"OPENCLAW_GATEWAY_PORT": str(gateway.port)} if port else {})

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(node()), str(self._program), *words],
            capture_output=True,
            text=True,
            env=self._env,
            timeout=LIMIT_S,
            check=False,
        )

    def json(self, *words: str) -> Any:
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def cli(station: Station, tmp_path: Path) -> CommandLine:
    return CommandLine(station.gateway, tmp_path)


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """Before a gateway with one agent, which needs no name then."""
    gateway = GatewayProcess(tmp_path_factory.mktemp("home"), {"agents": {"defaults": {"model": "demo/echo"}}})
    try:
        yield CommandLine(gateway.start(), tmp_path_factory.mktemp("user"))
    finally:
        gateway.kill()


def test_it_finds_the_gateway_healthy(cli: CommandLine) -> None:
    health = cli.json("health", "--json")
    assert (health["ok"], health["defaultAgentId"]) == (True, "main")


def test_it_calls_a_method(cli: CommandLine, station: Station) -> None:
    done = cli.run("gateway", "call", "status")
    assert done.returncode == 0, done.stderr
    assert f'"port": {station.gateway.port}' in done.stdout


def test_it_talks_to_an_agent(cli: CommandLine) -> None:
    answer = cli.json("agent", "--agent", "fast", "--message", "hi", "--json")
    assert (answer["status"], answer["result"]["payloads"][0]["text"]) == ("ok", "A fast answer.")
    assert answer["result"]["meta"]["agentMeta"]["provider"] == "fake"


def test_it_is_told_why_an_agent_could_not_answer(cli: CommandLine) -> None:
    done = cli.run("agent", "--agent", "fail-401", "--message", "hi", "--json")
    assert done.returncode != 0
    assert "Authentication failed" in done.stdout + done.stderr


COMMANDS = [
    ("status", "OpenClaw status"),
    ("status --json", '"sessions"'),
    ("status --deep", "OpenClaw status"),
    ("status --all", "OpenClaw status"),
    ("status --usage", "OpenClaw status"),
    ("health", "Agents: main (default)"),
    ("health --verbose", "Agents: main (default)"),
    ("gateway status", "Connectivity probe: ok"),
    ("gateway status --require-rpc", "Read probe: ok"),
    ("gateway probe", "Connect: ok"),
    ("gateway health", "Gateway Health"),
    ("gateway call health", '"ok": true'),
    ("gateway usage-cost", "Usage cost"),
    ("gateway stability", "Gateway Stability"),
    ("devices list", "No device pairing entries."),
    ("models list", "demo/echo"),
    ("models status", "OAuth/token status"),
    ("agents list", "main (default)"),
    ("sessions", "Sessions listed: 0"),
    ("channels status", "Gateway reachable."),
    ("channels list", ""),
    ("logs --limit 20", "gateway"),
    ("cron list", "No automations."),
    ("cron status", '"enabled"'),
    ("skills list", "No skills found."),
    ("nodes status", "Known: 0"),
    ("nodes list", "Pending: 0"),
    ("system presence", '"mode": "gateway"'),
    ("approvals get", ""),
    ("config get gateway.mode", "local"),
    ("dashboard --no-open", "Dashboard URL: http://127.0.0.1:"),
]
"""A command line each, with what it must say; `models status`, `agents list`, `sessions` read no gateway (§13)."""


@pytest.mark.parametrize(("line", "says"), COMMANDS)
def test_its_everyday_commands_work(at_home: CommandLine, line: str, says: str) -> None:
    done = at_home.run(*line.split())
    assert done.returncode == 0, done.stderr
    assert says in done.stdout + done.stderr


def test_without_a_port_it_finds_the_gateway_by_the_note_in_the_state_dir(gateway: GatewayFactory) -> None:
    """As when both are of one home; the config does not name the port."""
    running = gateway()
    cli = CommandLine(running, running.home, port=False)
    assert "demo/echo" in cli.run("models", "list").stdout


async def test_it_lists_and_approves_a_device_that_waits(gateway: GatewayFactory, tmp_path: Path) -> None:
    """`approve --latest` of this version chooses, names the command to type, and ends with 1, before any gateway."""
    running = gateway({"gateway": {"nodes": {"pairing": {"autoApproveLocal": False}}}})
    async with open_socket(running.ws_url) as waiting:
        refused = await waiting.connect(running.token, key=DeviceKey())
    name = refused["error"]["details"]["requestId"]
    cli = CommandLine(running, tmp_path)
    assert name in cli.run("devices", "list").stdout
    latest = cli.run("devices", "approve", "--latest")
    assert (latest.returncode, f"openclaw devices approve {name}" in latest.stdout + latest.stderr) == (1, True)
    assert f"({name})" in cli.run("devices", "approve", name).stdout
    assert "Paired (1)" in cli.run("devices", "list").stdout


def test_a_wrong_token_is_told_in_the_words_that_its_users_know(cli: CommandLine) -> None:
    done = cli.run("gateway", "call", "health", "--token", "wrong")
    assert done.returncode != 0
    assert "unauthorized: gateway token mismatch" in done.stdout + done.stderr
