"""`openclaw gateway run`: what is checked before a gateway starts, and what it is handed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.cli.gateway_run import how_to_type
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import Snapshot
from clawfleet.host.lock import StateLock
from clawfleet.runtime.options import Ready, RunOptions
from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw
from tests.unit.cli.test_panel import READY

STRANGER = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    sys.stdin.read()
"""


class Started:
    """What `run_gateway` was handed; it announces `ready` and ends with `code`."""

    def __init__(self) -> None:
        self.options: RunOptions | None = None
        self.code = 0
        self.ready: Ready = READY

    def __call__(self, instance: Instance, snapshot: Snapshot, options: RunOptions) -> int:
        self.options = options
        assert options.on_ready is not None
        options.on_ready(self.ready)
        return self.code


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Takes the place of the gateway itself."""
    fake = Started()
    monkeypatch.setattr("clawfleet.runtime.gateway.run_gateway", fake)
    return fake


@pytest.fixture
def stranger() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that holds a port and is no gateway."""
    process = subprocess.Popen(
        [sys.executable, "-c", STRANGER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdin
    yield process, int(process.stdout.readline())
    process.kill()
    process.communicate()


@pytest.mark.parametrize("args", [["gateway", "run"], ["gateway"], ["gateway", "--verbose"]])
def test_a_gateway_is_run_and_its_panel_printed(started: Started, openclaw: OpenClaw, args: list[str]) -> None:
    result = openclaw(*args, OPENCLAW_GATEWAY_PORT="0")
    assert result.exit_code == 0
    assert started.options is not None
    assert started.options.verbose is ("--verbose" in args)
    assert "Dashboard: http://127.0.0.1:18789/\n" in result.stdout
    assert "agent --message hello" in result.stdout


def test_a_service_keeps_its_token_out_of_the_journal(started: Started, openclaw: OpenClaw) -> None:
    """What a service prints can be read by others; the address that signs in must not be there."""
    result = openclaw("gateway", "run", "--allow-unconfigured", "--port", "0", OPENCLAW_SERVICE_MARKER="openclaw")
    assert (result.exit_code, result.stdout) == (0, "")


def test_flags_reach_the_gateway(started: Started, openclaw: OpenClaw, home: Home) -> None:
    (home.root / "pw").write_text("hunter2\nsecond line\n")
    flags = ["--port", "0", "--bind", "lan", "--auth", "password", "--password-file", str(home.root / "pw")]
    assert openclaw("gateway", "run", *flags).exit_code == 0
    options = started.options
    assert options is not None
    assert (options.port, options.bind, options.auth, options.password) == (0, "lan", "password", "hunter2")
    assert "hunter2" not in repr(options)


@pytest.mark.parametrize(("where", "code"), [("127.0.0.5", 0), ("loopback", 0), ("lann", 2), ("10.0.0", 2), ("::1", 2)])
def test_bind_is_a_word_or_an_address(started: Started, openclaw: OpenClaw, where: str, code: int) -> None:
    result = openclaw("gateway", "run", "--port", "0", "--token", "x", "--bind", where)
    assert result.exit_code == code
    if code:
        assert "neither one of loopback, lan" in result.stderr


def test_the_gateways_exit_code_is_the_commands(started: Started, openclaw: OpenClaw) -> None:
    started.code = 3
    assert openclaw("gateway", "run", "--port", "0").exit_code == 3


def test_the_command_line_of_the_seeds_starts(started: Started, openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{"agents": {}}')
    assert openclaw("gateway", "run", "--port", "0").exit_code == 78
    result = openclaw("gateway", "run", "--allow-unconfigured", "--force", "--verbose", OPENCLAW_GATEWAY_PORT="0")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('{"gateway": {"mode": "remote"}}', "Gateway start blocked: set gateway.mode=local"),
        ('{"gateway": {"prot": 1}}', "openclaw.json"),
        ("{ broken", "openclaw.json"),
    ],
)
def test_a_config_that_cannot_start_a_gateway_exits_78(
    started: Started, openclaw: OpenClaw, home: Home, config: str, message: str
) -> None:
    home.write_config(config)
    result = openclaw("gateway", "run")
    assert result.exit_code == 78
    assert message in result.stderr
    assert started.options is None


def test_what_the_config_says_in_vain_is_told_at_the_start(started: Started, openclaw: OpenClaw, home: Home) -> None:
    home.write_config('{"gateway": {"mode": "local"}, "cron": {"enabled": true}}')
    result = openclaw("gateway", "run", "--port", "0")
    assert result.exit_code == 0
    assert "! cron" in result.stderr


def test_a_taken_port_names_its_holder_and_exits_78(
    started: Started, openclaw: OpenClaw, stranger: tuple[subprocess.Popen[str], int]
) -> None:
    process, port = stranger
    result = openclaw("gateway", "run", "--port", str(port))
    assert result.exit_code == 78
    assert f"Port {port} is already in use by pid {process.pid}" in result.stderr
    assert "not an OpenClaw gateway" in result.stderr
    assert started.options is None


def test_our_own_running_gateway_is_recognised(started: Started, openclaw: OpenClaw, own: FakeGateway) -> None:
    result = openclaw("gateway", "run")
    assert result.exit_code == 78
    assert f"the gateway of this state dir is already listening on ws://127.0.0.1:{own.port}" in result.stderr


def test_one_state_dir_has_one_gateway_whatever_the_port(started: Started, openclaw: OpenClaw, home: Home) -> None:
    lock = StateLock.acquire(home.store_dir, port=20456, config_path=home.config_path)
    result = openclaw("gateway", "run", "--port", "0")
    lock.release()
    assert result.exit_code == 78
    assert f"gateway already running (pid {os.getpid()}) on port 20456" in result.stderr


def test_force_does_not_end_a_stranger(
    started: Started, openclaw: OpenClaw, stranger: tuple[subprocess.Popen[str], int]
) -> None:
    process, port = stranger
    result = openclaw("gateway", "run", "--port", str(port), "--force")
    assert result.exit_code == 78
    assert "only gateways are ended by force" in result.stderr
    assert process.poll() is None


def test_force_and_yes_end_a_stranger_and_say_so(
    started: Started, openclaw: OpenClaw, stranger: tuple[subprocess.Popen[str], int]
) -> None:
    process, port = stranger
    result = openclaw("gateway", "run", "--port", str(port), "--force", "--yes")
    assert result.exit_code == 0
    assert f"force: killed pid {process.pid} on port {port} (SIGTERM)" in result.stderr
    assert process.wait(30) != 0


@pytest.mark.parametrize("mode", ["serve", "funnel", "off"])
def test_tailscale_may_be_asked_for_by_flag(started: Started, openclaw: OpenClaw, mode: str) -> None:
    assert openclaw("gateway", "run", "--port", "0", "--tailscale", mode).exit_code == 0
    assert started.options is not None
    assert started.options.tailscale == mode


def test_flags_that_only_change_printing_are_taken_with_a_word(started: Started, openclaw: OpenClaw) -> None:
    result = openclaw("gateway", "run", "--port", "0", "--ws-log", "full", "--compact")
    assert result.exit_code == 0
    assert "! --ws-log has no effect in this gateway" in result.stderr


@pytest.mark.parametrize("content", [None, "", "\nsecond"])
def test_a_password_file_without_a_password_is_a_usage_error(
    started: Started, openclaw: OpenClaw, home: Home, content: str | None
) -> None:
    file = home.root / "pw"
    if content is not None:
        file.write_text(content)
    result = openclaw("gateway", "run", "--port", "0", "--password-file", str(file))
    assert result.exit_code == 2
    assert "--password-file" in result.stderr


def test_a_taken_port_is_told_before_anything_heavy_is_loaded(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            "import sys\n"
            "from clawfleet.cli.main import cli\n"
            "code = 0\n"
            "try:\n"
            f"    cli.main(['gateway', 'run', '--port', '{port}'])\n"
            "except SystemExit as end:\n"
            "    code = end.code\n"
            "print(code, sorted({'fastapi', 'uvicorn', 'aiohttp', 'sqlite3'} & set(sys.modules)))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=home.environ, cwd=home.root
        )
    assert done.stdout.splitlines()[-1] == "78 []"


@pytest.mark.parametrize(
    ("environ", "profile", "expected"),
    [
        ({}, None, "/opt/claw"),
        ({}, "ops", "/opt/claw --profile ops"),
        ({"OPENCLAW_STATE_DIR": "/srv/my state"}, None, "OPENCLAW_STATE_DIR='/srv/my state' /opt/claw"),
        ({"OPENCLAW_CONFIG_PATH": "/etc/claw.json"}, None, "OPENCLAW_CONFIG_PATH=/etc/claw.json /opt/claw"),
        ({"OPENCLAW_HOME": "/srv/h"}, None, "OPENCLAW_STATE_DIR=/srv/h/.openclaw /opt/claw"),
    ],
)
def test_another_terminal_is_told_how_to_mean_this_instance(
    tmp_path: Path, environ: dict[str, str], profile: str | None, expected: str
) -> None:
    instance = resolve_instance(profile=profile, environ={"HOME": str(tmp_path)} | environ, cwd=tmp_path)
    assert how_to_type(instance, "/opt/claw").openclaw == expected


def test_the_name_alone_is_enough_when_the_shell_finds_this_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "openclaw"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    assert how_to_type(instance, str(command)).openclaw == "openclaw"


def test_run_as_a_module_it_is_told_as_a_module(tmp_path: Path) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    assert how_to_type(instance, "/x/clawfleet/__main__.py").openclaw == f"{sys.executable} -m clawfleet"


def test_dev_writes_a_config_where_there_is_none(started: Started, openclaw: OpenClaw, home: Home) -> None:
    result = openclaw("gateway", "run", "--dev", "--port", "0", OPENCLAW_PROFILE="dev")
    assert result.exit_code == 0
    assert "dev: wrote ~/.openclaw-dev/openclaw.json" in result.stderr
    again = openclaw("gateway", "run", "--dev", "--reset", "--port", "0", OPENCLAW_PROFILE="dev")
    assert again.exit_code == 0
    assert "reset: ~/.openclaw-dev/openclaw.json → ~/.openclaw-dev/reset-" in again.stderr
    assert not home.config_path.exists()


def test_under_launchd_a_broken_config_is_waited_for(
    started: Started, openclaw: OpenClaw, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be started every ten seconds for nothing; the mended file is read anew."""
    home.write_config("{ broken")
    pauses: list[float] = []

    def mend(seconds: float) -> None:
        pauses.append(seconds)
        home.write_config('{"gateway": {"mode": "local"}}')

    monkeypatch.setattr("clawfleet.cli.gateway_run.sleep", mend)
    by_launchd = {"OPENCLAW_SERVICE_MARKER": "openclaw", "OPENCLAW_LAUNCHD_LABEL": "ai.openclaw.gateway"}
    result = openclaw("gateway", "--port", "0", **by_launchd)
    assert result.exit_code == 0
    assert pauses == [5.0]
    assert result.stderr.startswith("✗ Gateway failed to start: Invalid config at ")
    assert "waiting until this is mended, looked at every 5 s" in result.stderr
    assert started.options is not None


def test_elsewhere_it_ends_at_once(started: Started, openclaw: OpenClaw, home: Home) -> None:
    home.write_config("{ broken")
    result = openclaw("gateway", OPENCLAW_SERVICE_MARKER="openclaw", OPENCLAW_SYSTEMD_UNIT="openclaw-gateway.service")
    assert result.exit_code == 78
    assert result.stderr.startswith("✗ Gateway failed to start: Invalid config at ")
