"""Agents made, changed and removed: the config file first, then the workspace. Blocks on the disk.

What stands in a workspace is never deleted: it is moved into the trash of the state directory, and only when the
workspace belongs to this agent alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from clawfleet.agents.workspace import prepare
from clawfleet.config.agent_entries import agent_id_of, with_agent, with_changes, with_model, without_agent
from clawfleet.config.change import plan_rewrite
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot, check_text
from clawfleet.config.write import change_files
from clawfleet.core.clock import now_ms
from clawfleet.routing.roster import Agent, Roster

Check = Callable[[Snapshot], None]
"""Raises what stands in the way of running with a config."""

TRASH = "trash"


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be set of an agent; None leaves it as it is, `clears_model` takes its own model away."""

    name: str | None = None
    workspace: str | None = None
    model: str | None = None
    emoji: str | None = None
    avatar: str | None = None
    clears_model: bool = False

    def as_row(self) -> dict[str, Any]:
        """The keys of the agent's entry that this sets."""
        plain = {"name": self.name, "workspace": self.workspace, "model": self.model}
        row: dict[str, Any] = {key: value for key, value in plain.items() if value is not None}
        shown = {"emoji": self.emoji, "avatar": self.avatar}
        if identity := {key: value for key, value in shown.items() if value is not None}:
            row["identity"] = identity
        return row | ({"model": None} if self.clears_model else {})


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of one place of a removed agent."""

    path: Path
    method: Literal["trash", "missing"]


@dataclass(frozen=True, slots=True)
class Removed:
    """What went with an agent. `failed` are (path, why it stayed)."""

    agent_id: str
    bindings: int
    gone: tuple[Gone, ...] = ()
    failed: tuple[tuple[Path, str], ...] = field(default=())


def add_agent(instance: Instance, settings: Settings, check: Check | None = None) -> Agent:
    """Write a new agent into the config and make its workspace. `settings.name` gives the id.

    Raises `AgentTaken`, `NoAgentId`, `WorkspaceUnusable`, and what `change_file` and `check` raise.
    """
    agent_id = agent_id_of(settings.name or "")
    row = settings.as_row()

    def edit(text: str) -> str:
        if settings.workspace is None:  # said in the file, it stays where it is whoever answers by default later
            row["workspace"] = str(_roster(instance, with_agent(text, agent_id, row)).get(agent_id).workspace)
        new = with_agent(text, agent_id, row)
        prepare(Path(_roster(instance, new).get(agent_id).workspace))
        return new

    return _change(instance, edit, check).get(agent_id)


def change_agent(instance: Instance, agent_id: str, settings: Settings, check: Check | None = None) -> Agent:
    """Write other settings of an agent into the config. Raises as `add_agent`, and `AgentNotFound`."""

    def edit(text: str) -> str:
        new = with_changes(text, agent_id, settings.as_row())
        if settings.workspace is not None:
            prepare(Path(_roster(instance, new).get(agent_id).workspace))
        return new

    return _change(instance, edit, check).get(agent_id)


def remove_agent(instance: Instance, agent_id: str, *, files: bool, check: Check | None = None) -> Removed:
    """Take an agent out of the config; with `files` its workspace goes into the trash.

    Raises `AgentNotFound`, `CannotDelete`, and what `change_file` and `check` raise.
    """
    bindings, workspaces = 0, list[Path]()

    def edit(text: str) -> str:
        nonlocal bindings
        new, bindings = without_agent(text, agent_id)
        workspaces.append(Path(_roster(instance, text).get(agent_id).workspace))
        return new

    rest = _change(instance, edit, check)
    if not files:
        return Removed(agent_id, bindings)
    place = workspaces[0]
    others = [Path(agent.workspace) for agent in rest.agents.values()]
    if (reason := _why_not_ours(instance, place, others)) is not None:
        return Removed(agent_id, bindings, failed=((place, reason),))
    if not place.exists():
        return Removed(agent_id, bindings, gone=(Gone(place, "missing"),))
    try:
        _to_trash(instance, agent_id, place)
    except OSError as error:
        return Removed(agent_id, bindings, failed=((place, error.strerror or str(error)),))
    return Removed(agent_id, bindings, gone=(Gone(place, "trash"),))


def choose_model(instance: Instance, ref: str, agent_id: str | None, check: Check | None = None) -> None:
    """Write a model into the config, as an agent's own or as the default; its fallbacks stay.

    Raises `AgentNotFound`, and what `change_file` and `check` raise.
    """
    _change(instance, lambda text: with_model(text, ref, agent_id), check)


def _change(instance: Instance, edit: Callable[[str], str], check: Check | None) -> Roster:
    """Change the config; who is there then."""
    snapshots: list[Snapshot] = []

    def change(old: str | None) -> Mapping[Path, str]:
        new = plan_rewrite(instance, old, edit)
        beside = {file: text for file, text in new.items() if file != instance.config_path}
        snapshot = check_text(instance, new[instance.config_path], beside=beside)
        if check is not None:
            check(snapshot)
        snapshots.append(snapshot)
        return new

    change_files(instance.config_path, instance.environ, change)
    return Roster.of(snapshots[0].config, instance.workspace)


def _roster(instance: Instance, text: str) -> Roster:
    return Roster.of(check_text(instance, text).config, instance.workspace)


def _why_not_ours(instance: Instance, place: Path, others: list[Path]) -> str | None:
    """Why a workspace stays where it is; None when it is the removed agent's alone."""
    if place.is_symlink():
        return "it is a link"
    real = place.resolve()
    kept = {
        "the home directory": instance.home,
        "the gateway's own files": instance.state_dir,
        "the config file": instance.config_path,
    }
    for name, path in kept.items():
        if path.resolve().is_relative_to(real):
            return f"{name} would go with it"
    if any(other.resolve().is_relative_to(real) for other in others):
        return "another agent works in it"
    return None if place.is_dir() or not place.exists() else "it is no directory"


def _to_trash(instance: Instance, agent_id: str, place: Path) -> None:
    trash = instance.state_dir / TRASH
    trash.mkdir(mode=0o700, exist_ok=True)
    shutil.move(place, trash / f"{agent_id}-{now_ms()}")
