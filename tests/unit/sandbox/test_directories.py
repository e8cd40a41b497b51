"""The directories that containers mount."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clawfleet.config.models.sandbox import SandboxDocker
from clawfleet.sandbox.directories import IMAGE_USER, prepare, read_profile, resolved_binds
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.spec import Mount

ME = f"{os.geteuid()}:{os.getegid()}"
IS_ROOT = os.geteuid() == 0


def own(root: Path) -> tuple[Mount, ...]:
    return (Mount(str(root / "agent-main"), "/workspace", True),)


def test_a_new_directory_belongs_to_who_will_work_in_it(tmp_path: Path) -> None:
    """Never to root when there is a choice, and nobody else on the host can get in."""
    root = tmp_path / "sandboxes"
    expected = "{}:{}".format(*IMAGE_USER) if IS_ROOT else ME
    assert prepare(own(root), root, None) == expected
    assert (root.stat().st_mode & 0o777, (root / "agent-main").stat().st_mode & 0o777) == (0o700, 0o700)


def test_an_existing_directory_keeps_its_owner(tmp_path: Path) -> None:
    """Files of earlier turns stay with whom they belong to."""
    (tmp_path / "agent-main").mkdir()
    (tmp_path / "agent-main" / "file").write_text("kept")
    assert prepare(own(tmp_path), tmp_path, None) == ME
    assert (tmp_path / "agent-main" / "file").read_text() == "kept"


def test_a_configured_user_can_write(tmp_path: Path) -> None:
    """By owning the directory, or, where the gateway may not give it away, by its mode behind the closed root."""
    prepare(own(tmp_path), tmp_path, "4321:4321")
    status = (tmp_path / "agent-main").stat()
    assert status.st_uid == 4321 if IS_ROOT else status.st_mode & 0o777 == 0o777


def test_a_user_that_only_the_image_knows_can_write(tmp_path: Path) -> None:
    """A name has no number here."""
    prepare(own(tmp_path), tmp_path, "sandbox")
    assert (tmp_path / "agent-main").stat().st_mode & 0o777 == 0o777


def test_a_workspace_is_looked_at_but_not_touched(tmp_path: Path) -> None:
    """Its owner is who works in it; its mode is the operator's business."""
    workspace = tmp_path / "workspace"
    workspace.mkdir(mode=0o750)
    assert prepare((Mount(str(workspace), "/workspace", True),), tmp_path / "sandboxes", None) == ME
    assert workspace.stat().st_mode & 0o777 == 0o750


def test_a_missing_workspace_is_named_and_not_made(tmp_path: Path) -> None:
    """Docker would make an empty directory of root's in its place."""
    root = tmp_path / "sandboxes"
    mounts = (*own(root), Mount(str(tmp_path / "gone"), "/agent", False))
    with pytest.raises(SandboxUnavailable, match=r"Sandbox workspace not found: .*gone"):
        prepare(mounts, root, None)
    assert not (tmp_path / "gone").exists()


def test_what_a_bind_shows_is_what_its_links_lead_to(tmp_path: Path) -> None:
    """Also where only a parent is a link, and where the last part is not there."""
    (tmp_path / "link").symlink_to("/etc")
    docker = SandboxDocker.model_validate({"binds": [f"{tmp_path}/link/ssl/none:/x:ro"]})
    assert [bind.source for bind in resolved_binds(docker)] == ["/etc/ssl/none"]


def test_a_profile_that_cannot_be_read_closes_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{ "defaultAction": "SCMP_ACT_ERRNO" }')
    assert read_profile(str(tmp_path / "p.json")) == '{"defaultAction": "SCMP_ACT_ERRNO"}'
    (tmp_path / "bad.json").write_text("no")
    for name in ("bad.json", "none.json"):
        with pytest.raises(SandboxUnavailable, match="seccomp profile"):
            read_profile(str(tmp_path / name))
