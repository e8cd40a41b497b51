"""A real gateway without a service: stopped and restarted by command, by its state dir and not by its name."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.host.lock import read_lock
from tests.support.gateway import GatewayProcess
from tests.support.protocol_client import connected


@pytest.fixture
def foreground(tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(tmp_path)
    yield process.start()
    process.kill()


def openclaw(gateway: GatewayProcess, *words: str) -> subprocess.CompletedProcess[str]:
    """A command line of the same instance."""
    return subprocess.run(
        [sys.executable, "-m", "clawfleet", *words],
        env=gateway.env | {"OPENCLAW_GATEWAY_PORT": str(gateway.port)},
        cwd=gateway.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_stop_ends_it_in_order(foreground: GatewayProcess) -> None:
    told = openclaw(foreground, "gateway", "stop")
    assert told.returncode == 0, told.stderr
    pid = foreground.process.pid
    assert told.stdout == f"Stopped gateway process: pid {pid} on port {foreground.port} (started by hand)\n"
    assert foreground.wait_exit() == 0
    assert "stopped cleanly" in foreground.log()


async def test_restart_happens_in_the_same_process(foreground: GatewayProcess) -> None:
    """Clients hear that it goes and come back; what was changed in `.env` counts then."""
    async with connected(foreground.ws_url, foreground.token) as client:
        (foreground.state_dir / ".env").write_text("NEW=1\n")
        told = await asyncio.to_thread(openclaw, foreground, "gateway", "restart")
        assert told.returncode == 0, told.stderr
        pid = foreground.process.pid
        assert f"request sent to foreground process on port {foreground.port}: {pid}." in told.stdout
        shutdown = await client.wait(lambda frame: frame.get("event") == "shutdown")
        assert shutdown["payload"]["restartExpectedMs"] > 0
    async with connected(foreground.ws_url, foreground.token):
        pass
    lock = read_lock(foreground.state_dir / "clawfleet")
    assert lock is not None
    assert lock.pid == foreground.process.pid
    assert lock.env_digests is not None and set(lock.env_digests) == {"NEW"}


def test_force_replaces_it(foreground: GatewayProcess) -> None:
    """`gateway run --allow-unconfigured --force --verbose`, typed beside a running one."""
    command = [sys.executable, "-m", "clawfleet", "gateway", "run", "--allow-unconfigured", "--force", "--verbose"]
    with subprocess.Popen(
        [*command, "--port", str(foreground.port)],
        env=foreground.env,
        cwd=foreground.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as newer:
        assert newer.stdout and newer.stderr
        newer.stdout.readline()
        assert foreground.wait_exit() == 0
        lock = read_lock(foreground.state_dir / "clawfleet")
        assert lock is not None and lock.pid == newer.pid
        os.kill(newer.pid, signal.SIGTERM)
        assert f"force: killed pid {foreground.process.pid} on port {foreground.port} (SIGTERM)" in newer.stderr.read()
