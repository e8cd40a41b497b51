"""What has to last: gateways over a reboot, what was said over the loss of a host, a neighbour over an uninstall."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.faults import LISTING
from tests.deploy.fleets import Fleet, remove, two_hosts
from tests.support.device import DeviceKey
from tests.support.protocol_client import connected, open_socket

pytestmark = [pytest.mark.docker, pytest.mark.full]

NEIGHBOUR = """
set -eu
useradd --create-home ada
install -d -m 700 -o ada -g ada /home/ada/.openclaw-own
echo '{}' | install -m 600 -o ada -g ada /dev/stdin /home/ada/.openclaw-own/openclaw.json
install -d /etc/systemd/system
printf '[Service]\\nExecStart=/bin/sleep infinity\\n' > /etc/systemd/system/openclaw-gateway-own.service
systemctl daemon-reload; systemctl start openclaw-gateway-own
"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Iterator[Fleet]:
    """Two hosts with a neighbour that is no part of the fleet; `listing` is what lay on edge-2 before."""
    fleet = two_hosts(tmp_path_factory.mktemp("lasting"), wheelhouse)
    fleet.limit_s = 900
    del fleet.tree["hosts"]["edge-1"]["gateways"]["default"]
    fleet.tree["hosts"]["edge-1"]["gateways"]["ops"]["port"] = 18909
    for host in fleet.hosts:
        fleet.inside(host, "sh", "-c", NEIGHBOUR)
    (fleet.directory / "before").write_text(names(fleet, "edge-2"))
    done = fleet.openclaw("deploy")
    assert done.code == 0, done.stderr
    yield fleet
    remove(fleet)


def names(fleet: Fleet, host: str) -> str:
    """Paths, modes and owners of what lies on a host; sizes of directories and times are the file system's."""
    lines = fleet.inside(host, "sh", "-c", LISTING).splitlines()
    return "\n".join(line.rsplit(" ", 2)[0] for line in lines)


@asynccontextmanager
async def tunnel(fleet: Fleet, gateway: str) -> AsyncIterator[str]:
    """The address of a gateway's socket on this machine."""
    process = fleet.begin("tunnel", gateway, "--json")
    assert process.stdout
    lines: list[str] = []
    try:
        while not lines or lines[-1].rstrip() != "}":
            lines.append(await asyncio.to_thread(process.stdout.readline))
            assert lines[-1], process.communicate()
        yield json.loads("".join(lines))["url"].replace("http", "ws")
    finally:
        process.terminate()
        process.communicate()


def damaged(archive: Path) -> Path:
    """The archive without its end, beside it."""
    broken = archive.with_name(f"x{archive.name}")
    broken.write_bytes(archive.read_bytes()[:-200])
    return broken


async def said(url: str, token: str) -> tuple[str, list[str]]:
    """The history of the session `kept`, and the ids of the devices."""
    async with connected(url, token) as client:
        history = json.dumps(await client.call("chat.history", sessionKey="agent:main:kept", limit=1000))
        devices = await client.call("device.pair.list")
        await client.socket.close()
    return history, sorted(row["deviceId"] for row in devices["paired"])


async def test_a_backup_while_people_write_gives_another_host_all_that_they_had_said(
    two: Fleet, tmp_path: Path, record_property: Any
) -> None:
    """Messages, devices and who may come in; nothing that was acknowledged before it began is missing."""
    tokens = two.tokens()
    acknowledged: list[str] = []
    done = asyncio.Event()
    async with tunnel(two, "edge-1/ops") as url:
        async with open_socket(url) as newcomer:
            await newcomer.connect(tokens["edge-1/ops"], key=DeviceKey())
            await newcomer.socket.close()

        async def write() -> None:
            async with connected(url, tokens["edge-1/ops"]) as client:
                while not done.is_set():
                    text = f"message {len(acknowledged)}."
                    run = await client.send_chat(text, key="agent:main:kept")
                    acknowledged.append(text)
                    await client.ended(run)
                await client.socket.close()

        async with asyncio.TaskGroup() as group:
            group.create_task(write())
            while len(acknowledged) < 5:
                await asyncio.sleep(0.05)
            before = list(acknowledged)
            made = await asyncio.to_thread(
                two.openclaw, "backup", "--limit", "edge-1/ops", "--pull", str(tmp_path), "--json"
            )
            meanwhile = len(acknowledged) - len(before)
            done.set()
        _, devices = await said(url, tokens["edge-1/ops"])
    assert made.code == 0, made.stderr
    assert meanwhile > 0
    record_property("messages written during the backup", meanwhile)
    archive = Path(made.document["backups"][0]["pulled"]["state"])
    broken = damaged(archive)
    refused = two.openclaw("restore", str(broken), "--limit", "edge-2/ops")
    assert refused.code == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    restored = two.openclaw("restore", str(archive), "--limit", "edge-2/ops")
    assert restored.code == 0, restored.stderr
    async with tunnel(two, "edge-2/ops") as url:
        history, there = await said(url, tokens["edge-2/ops"])
    assert [text for text in before if text not in history] == []
    assert set(devices) <= set(there)
    assert two.openclaw("drift", "--limit", "edge-2").code == 0


def test_all_gateways_return_after_a_reboot_without_a_login(two: Fleet) -> None:
    """Those of the system and those of a user; nobody connects meanwhile. What locked everybody out is taken back."""
    barred = json.dumps({"allowUsers": ["nobody"], "seconds": 15})
    two.inside("edge-2", "python3", "/opt/clawfleet/lib/features.py", "apply", "ssh", stdin=barred)
    ports = {"edge-1": (18909,), "edge-2": (18789, 18909)}
    for host in two.hosts:
        subprocess.run(["docker", "restart", two.hosts[host].container], check=True, capture_output=True)
    for host, each in ports.items():
        for port in each:
            probe = f"import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/readyz', timeout=3)"
            two.wait_for(host, f'python3 -c "{probe}"')
        assert two.inside(host, "sh", "-c", "ls /run/systemd/sessions | wc -l") == "0"
    for name, host in two.hosts.items():
        shown = subprocess.run(["docker", "port", host.container, "22/tcp"], capture_output=True, text=True, check=True)
        connect = {"port": int(shown.stdout.split(":")[-1]), "strictHostKey": "no", "knownHosts": "/dev/null"}
        two.tree["hosts"][name]["connect"] |= connect
    two.wait_for("edge-2", "! test -e /etc/clawfleet/.deadman && ! ls /etc/systemd/system | grep -q deadman")
    seen = two.openclaw("status")
    assert seen.code == 0, seen.stdout + seen.stderr
    assert two.openclaw("drift").code == 0


def test_an_uninstall_leaves_a_neighbour_alone_and_nothing_else(two: Fleet) -> None:
    """First state and workspaces stay; then the host is as it was before the first deploy."""
    two.inside("edge-2", "systemctl", "start", "openclaw-gateway-own")
    kept = two.openclaw("uninstall", "--limit", "edge-2/ops", "--yes")
    assert (kept.code, "stays: /home/openclaw/.openclaw-ops" in kept.stderr) == (0, True)
    assert two.openclaw("status", "--limit", "edge-2/default").code == 0
    done = two.openclaw("uninstall", "--limit", "edge-2", "--purge", "--yes")
    assert done.code == 0, done.stderr
    before, after = (two.directory / "before").read_text().splitlines(), names(two, "edge-2").splitlines()
    assert set(before) ^ set(after) == set()
    assert two.inside("edge-2", "systemctl", "is-active", "openclaw-gateway-own") == "active"
    assert two.openclaw("status", "--limit", "edge-1").code == 0
