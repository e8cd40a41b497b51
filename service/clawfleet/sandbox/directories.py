"""The host directories that containers mount: made when missing, owned by who works in them."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

from clawfleet.config.models.sandbox import SandboxDocker
from clawfleet.sandbox.binds import Bind, read_binds
from clawfleet.sandbox.copies import seed
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.spec import Mount

IMAGE_USER = (1000, 1000)
"""uid and gid of the user `sandbox` in our own image; a root gateway gives new sandbox directories to it."""


def prepare(mounts: tuple[Mount, ...], sandbox_root: Path, user: str | None, workspace: Path | None = None) -> str:
    """uid:gid that owns the first mount, after making it if it is one of ours, for `user` if one is configured.

    A new one begins with the agent's files, copied from its `workspace` if one is given.
    Raises `SandboxUnavailable` for a workspace that is not there: Docker would make an empty one of root's.
    """
    for mount in mounts:
        path = Path(mount.source)
        if path.is_relative_to(sandbox_root):
            if _make(path, sandbox_root, user) and workspace and mount is mounts[0]:
                seed(path, workspace)
        elif not path.exists():
            raise SandboxUnavailable(
                f"Sandbox workspace not found: {path}",
                hint="create it, or set agents.defaults.workspace or sandbox.docker.binds",
            )
    status = Path(mounts[0].source).stat()
    return f"{status.st_uid}:{status.st_gid}"


def resolved_binds(docker: SandboxDocker) -> tuple[Bind, ...]:
    """The binds of the config with what their sources really are: every link in them is followed first."""
    return tuple(replace(bind, source=str(Path(bind.source).resolve())) for bind in read_binds(docker))


def read_profile(path: str) -> str:
    """The text of a seccomp profile. Raises `SandboxUnavailable`: without it the sandbox is not the one asked for."""
    try:
        return json.dumps(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise SandboxUnavailable(
            f"Sandbox seccomp profile {path} cannot be read: {error}",
            hint="set sandbox.docker.seccompProfile to a file of JSON, or leave it out for Docker's own",
        ) from error


def _make(path: Path, sandbox_root: Path, user: str | None) -> bool:
    """Whether it is new: a directory for the container's user, behind a root that only this gateway can enter."""
    sandbox_root.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_new = not path.exists()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    wanted = _ids(user) if user else IMAGE_USER if is_new and os.geteuid() == 0 else None
    status = path.stat()
    if user and wanted is None:
        path.chmod(0o777)
    elif wanted and wanted != (status.st_uid, status.st_gid):
        try:
            os.chown(path, *wanted)
        except PermissionError:
            path.chmod(0o777)
    return is_new


def _ids(user: str) -> tuple[int, int] | None:
    """(uid, gid) of `1000:1000` or `1000`; None for names, which only the image knows."""
    match = re.fullmatch(r"(\d+)(?::(\d+))?", user)
    return (int(match[1]), int(match[2] or 0)) if match else None
