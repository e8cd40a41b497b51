"""What goes with each scope, and what is never among it."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.cli.removal import Scope, removal_of, remove, take_away, workspaces_of
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.models.root import Config

OURS = {
    "openclaw.json": "config",
    "openclaw.json.bak": "config",
    "openclaw.json.clobbered.2026": "config",
    ".env": "credentials",
    "clawfleet/gateway-token": "credentials",
    "clawfleet/device-token-key": "credentials",
    "clawfleet/instance-id": "full",
    "clawfleet/gateway.sqlite-wal": "full",
    "before-restore-1/openclaw.json": "full",
    "sandboxes/a/file": "full",
    "trash/agent/file": "full",
    "logs/openclaw-2026-11-28.log": "full",
    "completions/openclaw.bash": "full",
}
OTHERS = ("state/openclaw.sqlite", "agents/main/agent/auth-profiles.json", "workspace/AGENTS.md", "logs/mine.txt")


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    for name in (*OURS, *OTHERS):
        path = instance.state_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return instance


def left(instance: Instance) -> set[str]:
    files = [path for path in instance.state_dir.rglob("*") if path.is_file()]
    return {str(path.relative_to(instance.state_dir)) for path in files}


@pytest.mark.parametrize(
    ("scope", "gone"),
    [
        ("config", {"config"}),
        ("credentials", {"credentials"}),
        ("sessions", set()),
        ("config+creds+sessions", {"config", "credentials"}),
        ("full", {"config", "credentials", "full"}),
    ],
)
def test_each_scope_takes_what_it_names(instance: Instance, scope: Scope, gone: set[str]) -> None:
    remove(instance, removal_of(instance, scope))
    assert left(instance) == {*OTHERS, *(name for name, kind in OURS.items() if kind not in gone)}
    again = removal_of(instance, scope)
    assert again.paths == ()


def test_what_is_not_ours_is_named(instance: Instance) -> None:
    rest = remove(instance, removal_of(instance, "full"))
    assert [path.name for path in rest] == ["agents", "logs", "state", "workspace"]


def test_a_state_dir_with_nothing_else_goes_too(instance: Instance) -> None:
    for name in ("state", "agents", "workspace", "logs"):
        take_away(instance.state_dir / name)
    assert remove(instance, removal_of(instance, "full")) == []
    assert not instance.state_dir.exists()


def test_the_start_up_file_forgets_this_instances_completion(instance: Instance) -> None:
    script = instance.state_dir / "completions" / "openclaw.bash"
    profile = instance.home / ".bashrc"
    profile.write_text(f"# mine\n# OpenClaw Completion\n[ -f {script} ] && source {script}\n")
    remove(instance, removal_of(instance, "full"))
    assert profile.read_text() == "# mine\n"


def test_a_link_goes_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    take_away(tmp_path / "link")
    assert (tmp_path / "kept").is_dir()


def test_workspaces_are_those_of_the_config_else_the_default_one(instance: Instance, tmp_path: Path) -> None:
    assert workspaces_of(instance, None) == (instance.workspace,)
    (tmp_path / "w").mkdir()
    config = Config.model_validate({"agents": {"entries": {"a": {"workspace": str(tmp_path / "w")}}}})
    assert workspaces_of(instance, config) == (tmp_path / "w",)
