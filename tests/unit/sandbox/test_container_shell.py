"""Commands in the sandbox: what reaches the container, where they start, how a failed start reads."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from clawfleet.config.models.sandbox import Sandbox
from clawfleet.core.errors import ToolError
from clawfleet.sandbox.container_shell import END_GROUP, ContainerShell
from clawfleet.sandbox.containers import Containers
from clawfleet.sandbox.failures import SandboxForbidden, SandboxUnavailable
from clawfleet.sandbox.place import Command, Exit, Keyboard
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


def shell(engine: RecordingEngine, state_dir: Path, *path_prepend: str, **keys: Any) -> ContainerShell:
    site = Site("mine", PurePosixPath(state_dir), PurePosixPath(state_dir / "sandboxes"), PurePosixPath("/home/claw"))
    settings = Sandbox.model_validate(keys)
    containers = Containers(engine, "mine", Uses(state_dir), lambda key: settings.prune)
    return ContainerShell(containers, settings, site, Tenant("main", "agent:main:x"), path_prepend)


def ignore(data: bytes) -> None:
    """Output that a test does not look at."""


async def test_the_container_gets_the_command_and_no_environment_of_the_host(
    engine: RecordingEngine, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what the caller asked for, and where home is."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hunter2")
    engine.said, engine.codes["exec 2>&1; make"] = b"hi", 3
    said = bytearray()
    place = shell(engine, workspace.parent)
    assert await place.run(Command("make", workspace, None, {"JOBS": "2"}), said.extend) == Exit(3)
    (execution,) = engine.executions
    assert tuple(execution.argv) == ("/bin/sh", "-c", END_GROUP, "exec 2>&1; make")
    assert execution.workdir == "/workspace"
    assert execution.env == {"HOME": "/workspace", "JOBS": "2", "OPENCLAW_SHELL": "exec"}
    assert said == b"hi"
    assert place.host == "sandbox"


async def test_configured_directories_come_first_in_path(engine: RecordingEngine, workspace: Path) -> None:
    """tools.exec.pathPrepend works inside too, without becoming part of the command's environment."""
    await shell(engine, workspace.parent, "/opt/a", "/opt/b").run(Command("make", workspace), ignore)
    (execution,) = engine.executions
    assert execution.env["OPENCLAW_PREPEND_PATH"] == "/opt/a:/opt/b"
    assert execution.argv[-1].endswith("unset OPENCLAW_PREPEND_PATH; exec 2>&1; make")


@pytest.mark.parametrize(
    ("access", "asked", "inside"),
    [
        ("none", None, "/workspace"),
        ("none", "sub", "/workspace/sub"),
        ("none", "/tmp", "/tmp"),
        ("none", "WORKSPACE/sub", "WORKSPACE/sub"),
        ("rw", "WORKSPACE/sub", "/workspace/sub"),
        ("rw", "WORKSPACE", "/workspace"),
        ("ro", "WORKSPACE/sub", "/agent/sub"),
        ("ro", "sub", "/workspace/sub"),
    ],
)
def test_directories_are_the_containers_own(
    engine: RecordingEngine, workspace: Path, access: str, asked: str | None, inside: str
) -> None:
    """A path in the host's workspace is translated where the workspace is visible, and only there."""
    place = shell(engine, workspace.parent, workspaceAccess=access)
    workdir = asked.replace("WORKSPACE", str(workspace)) if asked else asked
    assert place.directory(Command("x", workspace, workdir)) == inside.replace("WORKSPACE", str(workspace))


async def test_scopes_share_or_part_containers(engine: RecordingEngine, workspace: Path) -> None:
    """The same command in two scopes runs in two containers."""
    for scope in ("session", "agent", "shared"):
        await shell(engine, workspace.parent, scope=scope).run(Command("x", workspace), ignore)
    assert sorted(each.labels["openclaw.sessionKey"] for each in engine.containers.values()) == [
        "agent:main",
        "agent:main:x",
        "shared",
    ]


async def test_a_missing_directory_is_named(engine: RecordingEngine, workspace: Path) -> None:
    """Docker's own words for it are nobody's."""
    engine.said = (
        b'OCI runtime exec failed: exec failed: chdir to cwd ("/nope") set in config.json failed: no such file\r\n'
    )
    engine.codes["exec 2>&1; x"] = 126
    with pytest.raises(ToolError, match=r"^The working directory does not exist in the sandbox: /nope$"):
        await shell(engine, workspace.parent).run(Command("x", workspace, "/nope"), ignore)


async def test_an_image_without_a_shell_is_told(engine: RecordingEngine, workspace: Path) -> None:
    """The command was never started, which is not the same as a command that failed."""
    engine.said = b'OCI runtime exec failed: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown\r\n'
    engine.codes["exec 2>&1; x"] = 127
    with pytest.raises(SandboxUnavailable, match=r"could not be started in the sandbox: .*/bin/sh"):
        await shell(engine, workspace.parent).run(Command("x", workspace), ignore)


async def test_a_command_may_exit_with_the_same_codes(engine: RecordingEngine, workspace: Path) -> None:
    """127 alone is the command's business."""
    engine.said, engine.codes["exec 2>&1; x"] = b"sh: x: not found\n", 127
    assert await shell(engine, workspace.parent).run(Command("x", workspace), ignore) == Exit(127)


async def test_a_linked_workspace_is_judged_by_where_it_leads(engine: RecordingEngine, tmp_path: Path) -> None:
    """A link to a system directory is that directory."""
    link = tmp_path / "innocent"
    link.symlink_to("/etc")
    with pytest.raises(SandboxForbidden, match=r"mounting .*/etc is blocked"):
        await shell(engine, tmp_path / "state", workspaceAccess="rw").run(Command("x", link), ignore)
    assert engine.steps == []


async def test_a_command_on_a_terminal(engine: RecordingEngine, workspace: Path) -> None:
    """It keeps its two streams on the terminal, and is told what kind of one it is and how large."""
    keyboard = Keyboard()
    begun: list[int | None] = []
    await shell(engine, workspace.parent).run(
        Command("top", workspace, keyboard=keyboard, started=begun.append), ignore
    )
    (execution,) = engine.executions
    assert execution.argv[-1] == "stty rows 30 cols 120 2>/dev/null; top", "sized before anything can ask"
    assert execution.env["TERM"] == "xterm"
    assert execution.keyboard is keyboard
    execution.started()
    assert begun == [None]


async def test_a_search_path_of_the_callers_own_goes_round_the_login_shell(
    engine: RecordingEngine, workspace: Path
) -> None:
    """It comes behind the configured directories and before the container's."""
    await shell(engine, workspace.parent, "/opt/first").run(Command("x", workspace, None, {"PATH": "/mine"}), ignore)
    (execution,) = engine.executions
    assert execution.env["OPENCLAW_PREPEND_PATH"] == "/opt/first:/mine"
    assert "PATH" not in execution.env
