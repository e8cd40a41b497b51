"""Modes and owners of this gateway's files: what holds keys is for its owner only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from clawfleet.cli.checks.finding import Finding, Severity
from clawfleet.cli.checks.mends import Chmod
from clawfleet.cli.checks.scene import Scene

OTHERS = 0o077
MAX_FILES = 2_000


def modes(scene: Scene) -> Iterator[Finding]:
    """Files and directories that other users of this machine can read or write."""
    for path, name in _kept_private(scene):
        mode = _mode(path)
        if mode is None or not mode & OTHERS:
            continue
        word = "writable" if mode & 0o022 else "readable"
        severity: Severity = "error" if mode & 0o022 or name == "env_file" else "warning"
        yield Finding(
            f"fs.{name}.perms_{word}",
            severity,
            f"Other users of this machine can {'change' if mode & 0o022 else 'read'} it.",
            scene.shown(path),
            evidence=f"mode {mode:04o}",
            fix=f"chmod {mode & ~OTHERS:o} {scene.shown(path)}",
            mend=Chmod(path, mode & ~OTHERS, scene.shown(path)) if _is_mine(path) else None,
        )


def owners(scene: Scene) -> Iterator[Finding]:
    """Files of another user in a state directory: the gateway cannot replace them."""
    state_dir = scene.instance.state_dir
    try:
        owner = state_dir.stat().st_uid
    except OSError:
        return
    wrong = [path for path, _ in _kept_private(scene) if (uid := _owner(path)) is not None and uid != owner]
    if wrong:
        yield Finding(
            "fs.owner_differs",
            "error",
            f"{len(wrong)} of its files belong to another user than the directory does.",
            scene.shown(state_dir),
            evidence=", ".join(scene.shown(path) for path in wrong[:3]),
            fix=f"sudo chown -R {owner} {scene.shown(state_dir)}",
        )


def links(scene: Scene) -> Iterator[Finding]:
    """A state directory or config file that is a link: what it leads to must be as private."""
    for path, check_id in (
        (scene.instance.state_dir, "fs.state_dir.symlink"),
        (scene.instance.config_path, "fs.config.symlink"),
    ):
        if path.is_symlink():
            text = f"It is a link to {os.path.realpath(path)}."
            yield Finding(check_id, "info", text, scene.shown(path))


def _kept_private(scene: Scene) -> Iterator[tuple[Path, str]]:
    """Everything that is to be for its owner only, each with its word in check ids."""
    instance = scene.instance
    yield instance.state_dir, "state_dir"
    yield instance.config_path, "config"
    folder = instance.config_path.parent
    for pattern in (".bak*", ".last-good", ".rejected.*", ".clobbered.*"):
        for path in sorted(folder.glob(f"{instance.config_path.name}{pattern}")):
            yield path, "config_backup"
    for path in scene.snapshot.included if scene.snapshot else ():
        yield path, "config_include"
    yield instance.state_dir / ".env", "env_file"
    for path in sorted(instance.state_dir.glob("agents/*/agent/auth-profiles.json")):
        yield path, "auth_profiles"
    yield instance.store_dir, "store_dir"
    for number, path in enumerate(_own_files(instance.store_dir)):
        if number == MAX_FILES:
            return
        yield path, "store"


def _own_files(folder: Path) -> Iterator[Path]:
    """Files directly in our directory, and one level below; not what agents keep in sandboxes."""
    try:
        rows = sorted(folder.iterdir())
    except OSError:
        return
    for path in rows:
        if path.is_file() and not path.is_symlink():
            yield path


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _is_mine(path: Path) -> bool:
    return os.geteuid() in (0, _owner(path))
