"""The command line at a gateway on another machine: a device that waits for approval, and is known from then on.

The gateway listens on an address of this machine that is not loopback, so its callers are as far away as they can be.
"""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

from tests.integration.test_cli import openclaw, run
from tests.support.gateway import GatewayFactory, GatewayProcess, scrubbed_env


def lan_address() -> str | None:
    """An IPv4 address of this machine that others could dial; None when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = str(probe.getsockname()[0])
        return None if address.startswith(("127.", "0.")) else address


@pytest.fixture
def far(gateway: GatewayFactory) -> tuple[GatewayProcess, str]:
    """A gateway and the URL by which other machines reach it."""
    address = lan_address()
    if address is None:
        pytest.skip("this machine has no address but loopback")
    running = gateway({"gateway": {"bind": "lan"}})
    return running, f"ws://{address}:{running.port}"


def here(tmp_path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """A command line on a machine that has no gateway of its own."""
    home = tmp_path / "elsewhere"
    home.mkdir(exist_ok=True)
    return run(scrubbed_env(home), home, *args)


def approve_all(running: GatewayProcess) -> list[str]:
    """The requests that waited at the gateway and are approved now."""
    call = ("gateway", "call", "--json")
    waiting = json.loads(openclaw(running, *call, "device.pair.list").stdout)["pending"]
    ids = [str(row["requestId"]) for row in waiting]
    for request_id in ids:
        approved = openclaw(running, *call, "device.pair.approve", "--params", json.dumps({"requestId": request_id}))
        assert approved.returncode == 0, approved.stderr
    return ids


def test_a_device_is_approved_once_and_then_needs_no_secret(far: tuple[GatewayProcess, str], tmp_path: Path) -> None:
    """The refusal names the command to run there; after it the secret, and then nothing at all, is enough."""
    running, url = far
    asked = here(tmp_path, "gateway", "call", "status", "--url", url, "--token", running.token)
    assert asked.returncode == 1
    assert "device pairing required (requestId: " in asked.stderr
    (request_id,) = approve_all(running)
    assert f"openclaw devices approve {request_id}" in asked.stderr
    assert f"pid {running.process.pid}" in asked.stderr

    with_secret = here(tmp_path, "gateway", "call", "status", "--url", url, "--token", running.token)
    assert with_secret.returncode == 0, with_secret.stderr
    without = here(tmp_path, "gateway", "call", "status", "--url", url)
    assert without.returncode == 0, without.stderr

    identity = tmp_path / "elsewhere" / ".openclaw" / "clawfleet" / "identity"
    assert sorted(file.name for file in identity.iterdir()) == ["device-auth.json", "device.json"]
    assert all(file.stat().st_mode & 0o077 == 0 for file in (identity, *identity.iterdir()))


def test_a_revoked_device_says_so_and_comes_back_by_the_secret(far: tuple[GatewayProcess, str], tmp_path: Path) -> None:
    """What was revoked is forgotten; the secret gets the device a new token."""
    running, url = far
    call = ("gateway", "call", "status", "--url", url)
    here(tmp_path, *call, "--token", running.token)
    approve_all(running)
    assert here(tmp_path, *call, "--token", running.token).returncode == 0
    (device,) = json.loads(openclaw(running, "gateway", "call", "--json", "device.pair.list").stdout)["paired"]
    params = json.dumps({"deviceId": device["deviceId"], "role": "operator"})
    assert openclaw(running, "gateway", "call", "device.token.revoke", "--params", params).returncode == 0

    refused = here(tmp_path, *call)
    assert refused.returncode == 1
    assert "device token mismatch" in refused.stderr
    assert here(tmp_path, *call, "--token", running.token).returncode == 0
    assert here(tmp_path, *call).returncode == 0


def test_on_loopback_the_shared_secret_needs_no_device(gateway: GatewayFactory) -> None:
    """Commands beside their gateway stay as light as they were: no key is made, nothing is paired."""
    running = gateway()
    assert openclaw(running, "gateway", "call", "status").returncode == 0
    assert openclaw(running, "health", "--url", running.ws_url, "--token", running.token).returncode == 0
    assert not (running.state_dir / "clawfleet" / "identity" / "device.json").exists()
    assert json.loads(openclaw(running, "gateway", "call", "--json", "device.pair.list").stdout)["paired"] == []
