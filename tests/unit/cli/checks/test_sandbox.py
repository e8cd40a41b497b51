from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

from clawfleet.cli.checks.sandbox import wanted_images
from clawfleet.config.models.root import Config
from clawfleet.sandbox.failures import SandboxUnavailable
from tests.unit.cli.checks.conftest import Look, local
from tests.unit.cli.conftest import Home

# The SDK forgets to close a socket that it could not connect.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(autouse=True)
def _forgotten_sockets() -> Iterator[None]:
    yield
    gc.collect()  # here, where their warning is expected


def sandboxed(**sandbox: Any) -> str:
    return json.dumps(local() | {"agents": {"defaults": {"sandbox": sandbox}}})


def test_docker_is_not_asked_when_nothing_needs_it(home: Home, look: Look) -> None:
    home.write_config(sandboxed(mode="off"))
    assert look("sandbox/docker", {"DOCKER_HOST": "unix:///nowhere"}) == {}


def test_a_mount_that_will_be_refused_is_told_before(home: Home, look: Look) -> None:
    home.write_config(sandboxed(mode="all", docker={"binds": ["/etc:/x:ro"]}))
    found = look("sandbox/mounts", {})["sandbox.mount_refused"]
    assert (found.severity, found.path) == ("error", "agents.defaults.sandbox")
    assert "mounting /etc is blocked" in found.message
    home.write_config(sandboxed(mode="off", docker={"binds": ["/etc:/x:ro"]}))
    assert look("sandbox/mounts", {}) == {}


def test_a_sandbox_without_docker_says_so(home: Home, look: Look) -> None:
    home.write_config(sandboxed(mode="all"))
    found = look("sandbox/docker", {"DOCKER_HOST": "unix:///nowhere"})["sandbox.docker_unavailable"]
    assert (found.severity, found.path) == ("error", "agents.defaults.sandbox")


def test_a_missing_image_is_another_finding(home: Home, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    async def missing(*_: object, image: str) -> None:
        raise SandboxUnavailable(f"Sandbox image not found: {image}. Build it first", hint="make sandbox-image")

    monkeypatch.setattr("clawfleet.cli.checks.sandbox.Daemon.call", missing)
    home.write_config(sandboxed(mode="all", docker={"image": "mine:1"}))
    assert "mine:1" in look("sandbox/docker")["sandbox.image_missing"].message


def test_a_daemon_that_does_not_answer_in_time(home: Home, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*_: object, image: str) -> None:
        raise TimeoutError(image)

    monkeypatch.setattr("clawfleet.cli.checks.sandbox.Daemon.call", slow)
    home.write_config(sandboxed(mode="all"))
    assert list(look("sandbox/docker")) == ["sandbox.docker_unavailable"]


def test_settings_that_confine_nobody(home: Home, look: Look) -> None:
    home.write_config(sandboxed(mode="off", docker={"image": "mine:1"}))
    assert list(look("sandbox/unused")) == ["sandbox.docker_config_mode_off"]
    home.write_config(sandboxed(mode="non-main", docker={"image": "mine:1"}))
    assert look("sandbox/unused") == {}


def test_every_agents_image_is_wanted_once() -> None:
    config = Config.model_validate(
        {
            "agents": {
                "defaults": {"sandbox": {"mode": "all", "docker": {"image": "a"}}},
                "entries": {
                    "x": {"sandbox": {"mode": "all", "docker": {"image": "b"}}},
                    "y": {"sandbox": {"mode": "off", "docker": {"image": "c"}}},
                },
            }
        }
    )
    assert dict(wanted_images(config)) == {"a": "agents.defaults.sandbox", "b": "agents.entries.x.sandbox"}
