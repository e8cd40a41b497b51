"""The sandbox image as tools meet it: built for real, run the way the gateway runs it."""

from __future__ import annotations

import json
import subprocess

import pytest

pytestmark = pytest.mark.docker

# The profile of deploy §12: nothing of the machine, nothing to write but tmpfs.
LOCKED = (
    *("--rm", "--init", "--network", "none", "--read-only", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--tmpfs", "/tmp", "--tmpfs", "/var/tmp", "--tmpfs", "/run"),
)


def _docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_image_runs_locked_down(sandbox_image: str) -> None:
    """Read-only and without network: an ordinary user, and every tool that agents count on."""
    script = "id -u; id -g; pwd; python3 -V; rg --version; jq --version; git --version; curl --version; bash --version"
    lines = _docker("run", "--rm", "--read-only", "--network", "none", sandbox_image, "sh", "-ec", script).splitlines()
    assert lines[:3] == ["1000", "1000", "/workspace"]
    assert lines[3].startswith("Python 3.")
    assert lines[4].startswith("ripgrep ")


def test_the_profile_of_the_gateway_leaves_tmp_and_the_workspace(sandbox_image: str) -> None:
    """/tmp can be written, the root cannot, the workspace belongs to the user, no network is there."""
    script = "touch /tmp/x && stat -c %u /workspace && ! touch /x 2>/dev/null && ls /sys/class/net"
    assert _docker("run", *LOCKED, sandbox_image, "sh", "-ec", script).split() == ["1000", "lo"]


def test_the_image_says_what_it_is(sandbox_image: str) -> None:
    """It waits until it is used, runs as nobody special, and is labelled with the version of the gateway."""
    from clawfleet import __version__

    config = json.loads(_docker("image", "inspect", sandbox_image))[0]["Config"]
    assert config["Cmd"] == ["sleep", "infinity"]
    assert config["User"] == "1000:1000"
    assert config["Labels"]["org.opencontainers.image.version"] == __version__
