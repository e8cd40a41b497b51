"""The gateway's image and the Swarm stack, on the local engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.fleets import ROOT
from tests.deploy.service_host import until
from tests.support.gateway import free_port

pytestmark = pytest.mark.docker

FOLDER = ROOT / "deploy" / "docker"
SERVICES = ("one", "two", "three")
MOST_BYTES = 400_000_000


def docker(*words: str, code: int | None = 0) -> str:
    """What a docker command says. Raises AssertionError for another exit code."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=300, check=False)
    assert code is None or done.returncode == code, f"docker {' '.join(words)}: {done.stdout}{done.stderr}"
    return (done.stdout + done.stderr).strip()


@pytest.fixture(scope="module")
def image(wheelhouse: Path) -> Iterator[str]:
    """The image of this checkout."""
    tag = f"clawfleet-test/gateway:{uuid.uuid4().hex[:8]}"
    environ = os.environ | {"PYTHON": sys.executable, "WHEELHOUSE": str(wheelhouse)}
    built = subprocess.run([FOLDER / "build.sh", tag], env=environ, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    yield tag
    docker("image", "rm", "--force", tag)


@pytest.fixture
def container(image: str) -> Iterator[str]:
    """A gateway as compose.yaml runs it: read-only, without capabilities."""
    name = f"clawfleet-test-{uuid.uuid4().hex[:8]}"
    docker("run", "-d", "--name", name, "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
           "--security-opt", "no-new-privileges", "-e", "OPENCLAW_GATEWAY_TOKEN=t0ken", image)  # fmt: skip
    yield name
    docker("rm", "--force", "--volumes", name)


def test_it_runs_as_nobodys_root_and_gets_healthy(image: str, container: str) -> None:
    until(lambda: docker("inspect", "-f", "{{.State.Health.Status}}", container) == "healthy", 90)
    assert docker("exec", container, "sh", "-c", "id -u; pwd").split() == ["1000", "/home/node"]
    health = json.loads(docker("exec", container, "openclaw", "health", "--json"))
    assert health["ok"] is True
    assert int(docker("image", "inspect", "-f", "{{.Size}}", image)) < MOST_BYTES
    docker("stop", "--time", "30", container)
    assert docker("inspect", "-f", "{{.State.ExitCode}}", container) == "0", "SIGTERM ends it, not SIGKILL"


def test_beyond_loopback_it_wants_a_token(image: str) -> None:
    said = docker("run", "--rm", image, code=78)
    assert "Refusing to bind gateway to lan without auth." in said


@pytest.fixture
def swarm() -> Iterator[str]:
    """The name of a stack in an engine that is a swarm of its own for as long."""
    if docker("info", "--format", "{{.Swarm.LocalNodeState}}") != "inactive":
        pytest.skip("this engine is part of a swarm already")
    docker("swarm", "init", "--advertise-addr", "127.0.0.1")
    name = f"claw{uuid.uuid4().hex[:6]}"
    try:
        yield name
    finally:
        docker("stack", "rm", name, code=None)
        label = f"label=com.docker.stack.namespace={name}"
        until(lambda: not docker("ps", "-aq", "--filter", label), 60)
        for volume in docker("volume", "ls", "-q", "--filter", label).split():
            docker("volume", "rm", "--force", volume)
        docker("swarm", "leave", "--force")


@pytest.mark.full
def test_an_image_that_fails_is_rolled_back(image: str, swarm: str, tmp_path: Path) -> None:
    """Three gateways, each with its own token; after the failed update all run as before."""
    ports = {name: free_port() for name in SERVICES}

    def deploy(tag: str) -> subprocess.CompletedProcess[str]:
        environ = {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
        environ |= {"OPENCLAW_IMAGE": tag, "TOKENS": str(tmp_path / "tokens"), "LIMIT_S": "240"}
        line = [str(FOLDER / "stack.sh"), swarm]
        return subprocess.run(line, env=os.environ | environ, capture_output=True, text=True, timeout=400, check=False)

    first = deploy(image)
    assert first.returncode == 0, first.stderr
    assert all(is_ready(port) for port in ports.values())
    assert len({(tmp_path / "tokens" / name).read_text() for name in SERVICES}) == len(SERVICES)
    assert (tmp_path / "tokens").stat().st_mode & 0o777 == 0o700

    broken = f"{image}-broken"
    subprocess.run(["docker", "build", "-q", "-t", broken, "-"], input=f'FROM {image}\nENTRYPOINT ["false"]\n',
                   text=True, capture_output=True, check=True)  # fmt: skip
    try:
        second = deploy(broken)
        assert second.returncode == 1
        for name in SERVICES:
            assert f"stack: {swarm}_{name}: rollback_completed" in second.stderr
        until(lambda: all(is_ready(port) for port in ports.values()), 60)
        images = docker("service", "ls", "--filter", f"name={swarm}", "--format", "{{.Image}}").split()
        assert images == [image] * len(SERVICES)
    finally:
        docker("image", "rm", "--force", broken)


def is_ready(port: int) -> bool:
    """Whether a gateway of the stack says so."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
            return bool(json.load(answer)["ready"])
    except OSError:
        return False
