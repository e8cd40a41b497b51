"""The line to Docker: what a missing package, daemon or image sounds like, and that it recovers."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.errors import DockerException

from clawfleet.sandbox.daemon import Daemon
from clawfleet.sandbox.failures import SandboxUnavailable
from tests.unit.sandbox.fake_docker import FakeDocker

# The SDK forgets to close a socket that it could not connect.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(autouse=True)
def forgotten_sockets() -> Iterator[None]:
    """They are collected here, not in some later test."""
    yield
    gc.collect()


async def failure(daemon: Daemon) -> SandboxUnavailable:
    """What a first call fails with."""
    with pytest.raises(SandboxUnavailable) as caught:
        await daemon.call(lambda api: api.version())
    daemon.close()
    return caught.value


async def test_a_missing_package_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed without the extra, the gateway runs; the sandbox does not."""
    monkeypatch.setitem(sys.modules, "docker.errors", None)
    error = await failure(Daemon({}))
    assert error.message == 'Sandbox mode requires Docker, but the "docker" Python package is not installed.'
    assert "clawfleet[sandbox]" in str(error.hint)


async def test_a_dead_socket_is_a_daemon_that_is_not_available(tmp_path: Path) -> None:
    """The text names where it looked and why that failed."""
    error = await failure(Daemon({"DOCKER_HOST": f"unix://{tmp_path}/gone.sock", "PATH": "/usr/bin:/bin"}))
    assert error.message == (
        "Sandbox mode requires Docker, but the Docker daemon is not available. "
        f"Nothing answers at unix://{tmp_path}/gone.sock (No such file or directory)."
    )
    assert "agents.defaults.sandbox.mode" in str(error.hint)


async def test_a_refused_port_reads_the_same(unused_tcp_port: int) -> None:
    """A daemon elsewhere is a daemon."""
    error = await failure(Daemon({"DOCKER_HOST": f"tcp://127.0.0.1:{unused_tcp_port}"}))
    assert error.message.startswith("Sandbox mode requires Docker, but the Docker daemon is not available.")
    assert "Connection refused" in error.message


async def test_a_host_without_docker_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a socket nor the command: install it."""

    def nothing_there(**_: object) -> None:
        raise DockerException("no socket")

    monkeypatch.setattr("docker.from_env", nothing_there)
    error = await failure(Daemon({"PATH": str(tmp_path)}))
    assert error.message == (
        'Sandbox mode requires Docker, but the "docker" command was not found in PATH. Install Docker.'
    )


@pytest.mark.parametrize(
    ("image", "mend"), [("openclaw-sandbox:bookworm-slim", "make sandbox-image"), ("mine:2", "Build it or pull it")]
)
async def test_a_missing_image_is_told_with_the_way_to_get_it(fake_docker: FakeDocker, image: str, mend: str) -> None:
    """Ours is built with make, another one is the operator's."""
    daemon = Daemon({"DOCKER_HOST": fake_docker.url})
    with pytest.raises(SandboxUnavailable) as caught:
        await daemon.call(lambda api: api.create_container(image, name="x", labels={}), image=image)
    daemon.close()
    assert caught.value.message.startswith(f"Sandbox image not found: {image}. Build it")
    assert mend in caught.value.message


async def test_what_docker_refuses_is_passed_on(fake_docker: FakeDocker) -> None:
    """The daemon's own reason reaches the model and the log."""
    daemon = Daemon({"DOCKER_HOST": fake_docker.url})
    with pytest.raises(SandboxUnavailable, match="Docker refused: unexpected"):
        await daemon.call(lambda api: api.info())
    daemon.close()


async def test_after_the_end_nothing_is_asked_any_more(fake_docker: FakeDocker) -> None:
    """A late call of a stopping gateway fails like any other, in words."""
    daemon = Daemon({"DOCKER_HOST": fake_docker.url})
    daemon.close()
    with pytest.raises(SandboxUnavailable, match="stopping"):
        await daemon.call(lambda api: api.version())
    assert fake_docker.requests == []


async def test_a_daemon_that_was_started_is_found(fake_docker: FakeDocker, tmp_path: Path) -> None:
    """A failure is not remembered."""
    link = tmp_path / "docker.sock"
    daemon = Daemon({"DOCKER_HOST": f"unix://{link}"})
    with pytest.raises(SandboxUnavailable):
        await daemon.call(lambda api: api.version())
    link.symlink_to(fake_docker.url.removeprefix("unix://"))
    assert await daemon.call(lambda api: api.version()) == {"ApiVersion": "1.41"}
    daemon.close()
