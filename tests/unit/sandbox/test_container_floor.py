"""Files in the sandbox: the container's own python works on what is mounted, and its refusals are told."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from clawfleet.config.models.sandbox import Sandbox
from clawfleet.sandbox.container_floor import ContainerFloor
from clawfleet.sandbox.container_shell import ContainerShell
from clawfleet.sandbox.containers import Containers
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.spec import Site, Tenant
from clawfleet.sandbox.uses import Uses
from tests.unit.sandbox.recording_engine import RecordingEngine


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "workspace"
    path.mkdir(parents=True)
    return path


def floor(engine: RecordingEngine, state_dir: Path, **keys: Any) -> ContainerFloor:
    site = Site("mine", PurePosixPath(state_dir), PurePosixPath(state_dir / "sandboxes"), PurePosixPath("/home/claw"))
    settings = Sandbox.model_validate(keys)
    containers = Containers(engine, "mine", Uses(state_dir), lambda key: settings.prune)
    shell = ContainerShell(containers, settings, site, Tenant("main", "agent:main:x"))
    return ContainerFloor(containers, settings, shell)


@pytest.mark.parametrize(
    ("access", "roots", "own"),
    [
        ("none", (("/workspace", True), ("/workspace/skills", False)), None),
        ("ro", (("/workspace", False), ("/agent", False)), "/agent"),
        ("rw", (("/workspace", True),), "/workspace"),
    ],
)
async def test_only_mounts_are_there(
    engine: RecordingEngine, workspace: Path, access: str, roots: object, own: str | None
) -> None:
    """And only what is mounted for writing can be written."""
    place = floor(engine, workspace.parent, workspaceAccess=access)
    ground = await place.ground(workspace, confined=False)
    assert (place.writable, ground.roots, ground.base) == (access != "ro", roots, "/workspace")
    assert ground.locate(f"{workspace}/a") == (f"{own}/a" if own else f"{workspace}/a")


async def test_an_order_goes_in_by_standard_input(engine: RecordingEngine, workspace: Path) -> None:
    """It can be long, and nobody sees it in the list of processes."""
    engine.said = b'{"done": {}}'
    order = json.dumps({"op": "fetch", "path": "größe"})
    assert await floor(engine, workspace.parent).carry(workspace, order) == '{"done": {}}'
    (execution,) = engine.executions
    assert execution.argv[:4] == ("python3", "-I", "-S", "-c")
    assert execution.stdin == b"%d\n%s" % (len(order.encode()), order.encode())
    assert execution.env == {}


@pytest.mark.parametrize(
    ("code", "said", "message"),
    [
        (126, b"OCI runtime exec failed: python3 not found", "need python3 in the sandbox image"),
        (1, b"Traceback: broken", "Traceback: broken"),
        (137, b"", "did not do it"),
    ],
)
async def test_a_container_that_cannot_is_no_reason_to_use_the_host(
    engine: RecordingEngine, workspace: Path, code: int, said: bytes, message: str
) -> None:
    """The order fails, in words."""
    place = floor(engine, workspace.parent)
    engine.said = said
    from clawfleet.sandbox.container_floor import _program

    engine.codes[_program()] = code
    with pytest.raises(SandboxUnavailable, match=message):
        await place.carry(workspace, "{}")
