"""What `reset` and `uninstall` take away: decided as a list first, which a dry run prints, then done.

Only this instance's own files are ever listed; what else is in the state directory is named and left.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from clawfleet.access import device_tokens, identity
from clawfleet.access.gateway_auth import TOKEN_FILE
from clawfleet.cli.completion import FOLDER, SHELLS, profile_file, script_file
from clawfleet.cli.completion_profile import without_block
from clawfleet.cli.own_files import APPROVALS, SET_ASIDE, config_versions, env_file, store_files
from clawfleet.config.env import Instance
from clawfleet.config.models.root import Config
from clawfleet.host.lock import StateLock
from clawfleet.store.files import write_private
from clawfleet.store.forget import Subject, forget

Scope = Literal["config", "credentials", "sessions", "config+creds+sessions", "full"]
DATABASE = "gateway.sqlite"
KEY_FILES = frozenset({TOKEN_FILE, device_tokens.KEY_FILE, identity.KEY_FILE, "device.json", "device-auth.json"})
LOGS = "openclaw-*.log*"


@dataclass(frozen=True, slots=True)
class Removal:
    """Files and directories that go, and what goes out of the database. `needs_stop`: no gateway may run meanwhile."""

    paths: tuple[Path, ...] = ()
    subjects: tuple[Subject, ...] = ()
    needs_stop: bool = False
    is_full: bool = False
    workspaces: tuple[Path, ...] = field(default=())


def removal_of(instance: Instance, scope: Scope) -> Removal:
    """What goes with a scope, as far as it is there."""
    config = [instance.config_path, *config_versions(instance)]
    keys = [env_file(instance), *(path for path in store_files(instance) if path.name in KEY_FILES)]
    if scope == "config":
        return Removal(_there(config))
    if scope == "credentials":
        return Removal(_there(keys), ("credentials",), needs_stop=True)
    if scope == "sessions":
        return Removal((), ("sessions",), needs_stop=True)
    if scope == "config+creds+sessions":
        return Removal(_there([*config, *keys]), ("credentials", "sessions"), needs_stop=True)
    return Removal(_there([*config, *keys, *_rest(instance)]), needs_stop=True, is_full=True)


def workspaces_of(instance: Instance, config: Config | None) -> tuple[Path, ...]:
    """The agents' directories, as far as they are there."""
    chosen = [entry.workspace for entry in config.agents.entries.values()] if config else []
    default = config.agents.defaults.workspace if config else None
    return _there([Path(text) for text in (*chosen, default) if text] or [instance.workspace])


def remove(instance: Instance, removal: Removal) -> list[Path]:
    """Take it all away; what is left in the state directory. Raises GatewayRunning, CannotForget, OSError."""
    lock = None
    if removal.needs_stop and instance.store_dir.is_dir():
        lock = StateLock.acquire(instance.store_dir, port=0, config_path=instance.config_path)
    try:
        database = instance.store_dir / DATABASE
        if removal.subjects and database.exists():
            forget(database, removal.subjects)
        for path in (*removal.paths, *removal.workspaces):
            take_away(path)
        if removal.is_full:
            _forget_completion(instance)
    finally:
        if lock is not None:
            lock.release()
    if removal.is_full:
        for folder in (instance.store_dir, instance.log_file.parent, instance.state_dir):
            _drop_empty(folder)
    return sorted(instance.state_dir.iterdir()) if instance.state_dir.is_dir() else []


def take_away(path: Path) -> None:
    """Remove a file, a link, or a directory with everything in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _rest(instance: Instance) -> list[Path]:
    """Everything else of ours: the whole store, what restores set aside, sandboxes, completions, logs."""
    state_dir = instance.state_dir
    store = [path for path in instance.store_dir.glob("*") if path.name != "gateway.lock"]
    own_logs = list(instance.log_file.parent.glob(LOGS)) if instance.log_file.parent != state_dir else []
    scripts = [file for shell in SHELLS if _loads(instance, file := script_file(instance, shell))]
    return [
        *store,
        *state_dir.glob(f"{SET_ASIDE}*"),
        *(state_dir / name for name in ("sandboxes", "trash", FOLDER, APPROVALS)),
        *own_logs,
        *scripts,
    ]


def _loads(instance: Instance, file: Path) -> bool:
    """Whether a completion script is this instance's alone; fish's is for every instance of the account."""
    return file.exists() and (file.is_relative_to(instance.state_dir) or instance.profile is None)


def _forget_completion(instance: Instance) -> None:
    for shell in SHELLS:
        profile = profile_file(instance, shell)
        if profile is None or not profile.exists():
            continue
        target = profile.resolve()
        old = target.read_text(encoding="utf-8")
        if (new := without_block(old, str(script_file(instance, shell)))) != old:
            mode = target.stat().st_mode & 0o777
            write_private(target, new, like=target)
            target.chmod(mode)


def _there(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(path for path in paths if path.exists() or path.is_symlink()))


def _drop_empty(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()
