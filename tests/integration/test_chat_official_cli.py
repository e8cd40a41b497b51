"""The original's own command line, unpatched, against a real gateway: a large download, so only on demand."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Station
from tests.support.npm import installed, node

pytestmark = [pytest.mark.npm, pytest.mark.full]

CLI = "openclaw@2026.9.6"
LIMIT_S = 90.0


class CommandLine:
    """`openclaw` of the original with a home of its own; it reads the very config file of the gateway it asks."""

    def __init__(self, station: Station, home: Path) -> None:
        self._program = installed(CLI) / "node_modules" / "openclaw" / "openclaw.mjs"
        self._env = {
            "PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "OPENCLAW_GATEWAY_PORT": str(station.gateway.port),
            "OPENCLAW_GATEWAY_TOKEN": station.gateway.token,
            "OPENCLAW_CONFIG_PATH": str(station.gateway.config_path),
            "NO_COLOR": "1",
        }

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
    return CommandLine(station, tmp_path)


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


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("gateway status", "Connectivity probe: ok"),
        ("gateway status --require-rpc", "Read probe: ok"),
        ("gateway probe", "localLoopback"),
        ("gateway health", ""),
        ("models list", "demo/echo"),
        ("logs --limit 5", "gateway"),
        ("channels status", "Gateway reachable."),
        ("system presence", '"mode": "gateway"'),
        ("status", "OpenClaw status"),
        ("status --json", '"sessions"'),
        ("status --deep", "OpenClaw status"),
        ("dashboard --no-open", "Dashboard URL: http://127.0.0.1:"),
    ],
)
def test_its_everyday_commands_work(cli: CommandLine, line: str, says: str) -> None:
    done = cli.run(*line.split())
    assert done.returncode == 0, done.stderr
    assert says in done.stdout or (line == "gateway probe")


def test_a_wrong_token_is_told_in_the_words_that_its_users_know(cli: CommandLine) -> None:
    done = cli.run("gateway", "call", "health", "--token", "wrong")
    assert done.returncode != 0
    assert "unauthorized: gateway token mismatch" in done.stdout + done.stderr
