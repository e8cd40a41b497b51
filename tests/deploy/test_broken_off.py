"""One host from nothing to a gateway, with everything in the way that can be, one fault after the other."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.faults import complaint, cut, small_disk, tree
from tests.deploy.fleets import Fleet, finished, remove, some_hosts

pytestmark = [pytest.mark.docker, pytest.mark.full]

UPLOAD = "ls /tmp/pyinfra-* /opt/clawfleet/releases/*.tar* 2>/dev/null | grep -q ."
INSTALL = "ls /opt/clawfleet/releases/*/pyvenv.cfg 2>/dev/null | grep -q ."
LEFT = "ls -A /opt/clawfleet/releases /tmp | grep -E 'tar|pyinfra|^[0-9]' || true"


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Iterator[Fleet]:
    """A host on which nothing was ever deployed, reached at its own address."""
    fleet = some_hosts(tmp_path_factory.mktemp("lonely"), wheelhouse, {"edge": "system"}, {"ops": {}})
    connect = {"port": 22, "strictHostKey": "no", "knownHosts": "/dev/null"}
    fleet.tree["hosts"]["edge"]["connect"] |= connect
    find(fleet)
    yield fleet
    remove(fleet)


def find(fleet: Fleet) -> None:
    """Reaches the host at the address that it has now."""
    words = ["docker", "inspect", "-f", "{{.NetworkSettings.IPAddress}}", fleet.hosts["edge"].container]
    address = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    fleet.tree["hosts"]["edge"]["connect"]["hostname"] = address


def test_a_host_that_cannot_be_reached(lonely: Fleet) -> None:
    """Told with what to try, and left as it was."""
    before = tree(lonely, "edge")
    lonely.tree["hosts"]["edge"]["connect"]["port"] = 1
    step, cause, cure = complaint(lonely.openclaw("deploy"), "edge")
    lonely.tree["hosts"]["edge"]["connect"]["port"] = 22
    assert (step, "refused" in cause.lower(), cure.startswith("try: ssh -p 1 deploy@")) == ("connect", True, True)
    assert tree(lonely, "edge") == before


def test_a_disk_with_too_little_room(lonely: Fleet) -> None:
    """Found before the first byte; one that fills up meanwhile is told, and nothing half-made stays."""
    lonely.inside("edge", "sh", "-c", "mkdir -p /opt/clawfleet; mount -t tmpfs -o size=100m none /opt/clawfleet")
    before = tree(lonely, "edge")
    step, cause, _ = complaint(lonely.openclaw("deploy"), "edge")
    assert (step, "MiB of disk are free at /opt/clawfleet, 512 are wanted" in cause) == ("checks", True)
    assert tree(lonely, "edge") == before
    lonely.inside("edge", "umount", "/opt/clawfleet")
    small_disk(lonely, "edge", "/opt/clawfleet", 300)
    step, cause, cure = complaint(lonely.openclaw("deploy"), "edge")
    assert step.startswith("release ")
    assert "No space left on device" in cause
    assert cure.startswith("make room on the host")
    assert lonely.inside("edge", "sh", "-c", LEFT) == ""
    lonely.inside("edge", "umount", "/opt/clawfleet")


@pytest.mark.parametrize("when", [UPLOAD, INSTALL], ids=["upload", "install"])
def test_a_connection_that_ends_while_the_release_comes(lonely: Fleet, when: str) -> None:
    """The next run does not mind what it finds."""
    step, _, cure = complaint(cut(lonely, "edge", when, "deploy"), "edge")
    assert step.startswith("release ")
    assert "once the host answers" in cure


def test_a_host_that_falls_silent_while_the_gate_waits(lonely: Fleet, record_property: Any) -> None:
    """The run ends within a minute or so; the gate goes on without it, and the next run has little to do."""
    lonely.tree["rollout"]["settleS"] = 5
    lonely.write()
    began = time.monotonic()
    process = lonely.begin("deploy")
    lonely.wait_for("edge", "systemctl is-active -q openclaw-gateway-ops")
    container = lonely.hosts["edge"].container
    subprocess.run(["docker", "network", "disconnect", "bridge", container], check=True)
    silent = time.monotonic()
    done = finished(process, lonely.limit_s)
    record_property("seconds until a silent host is given up", time.monotonic() - silent)
    subprocess.run(["docker", "network", "connect", "bridge", container], check=True)
    step, _, cure = complaint(done, "edge")
    assert (step, "once the host answers" in cure) == ("gateway ops: running", True)
    record_property("seconds of a deploy from nothing", silent - began)
    lonely.wait_for("edge", "test -e /etc/clawfleet/ops/applied.json")
    find(lonely)
    assert lonely.openclaw("deploy").code == 0
    assert lonely.inside("edge", "sh", "-c", LEFT).count("\n") == 0
    assert lonely.openclaw("drift").code == 0
    assert lonely.openclaw("status").code == 0
