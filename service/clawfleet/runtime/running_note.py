"""The note by which the original's own commands, and a Node gateway, see that a gateway serves a state directory.

They look for it before they ask a gateway on this machine; without it `models list` of theirs says that none runs.
Our own lock is `host.lock`; this is told to others and never relied on. Source: protocol §16.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clawfleet.core.errors import GatewayError
from clawfleet.host.lock import LockInfo
from clawfleet.host.process import start_mark
from clawfleet.store.files import private_dir, write_private

NAME = "gateway.state.lock"
CRON_WRITES = "dynamic-default-v1"
"""Tells who writes the config that no job of the original's scheduler is at risk: its store is left alone here."""


def note_path(state_dir: Path) -> Path:
    """Where the note of a state directory is looked for."""
    return state_dir.resolve() / "tmp" / f"openclaw-{os.getuid()}" / NAME


def leave_note(state_dir: Path, info: LockInfo) -> None:
    """Say that the holder of our lock serves `state_dir`, and on which port.

    The note of another gateway that lives is left alone. Not being able to write it is no reason not to serve.
    """
    path = note_path(state_dir)
    with suppress(OSError, GatewayError):
        if _is_of_another(_read(path), info.pid):
            return
        private_dir(path.parent)
        note = {
            "pid": info.pid,
            "ownerId": info.owner_id,
            "cronOwnerProjection": CRON_WRITES,
            "createdAt": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "configPath": info.config_path,
            "stateDir": str(state_dir.resolve()),
            "port": info.port,
            "startTime": start_mark(info.pid),
        }
        write_private(path, json.dumps(note))


def take_note_away(state_dir: Path, info: LockInfo) -> None:
    """Remove the note, if it is ours."""
    path = note_path(state_dir)
    with suppress(OSError):
        if _read(path).get("ownerId") == info.owner_id:
            path.unlink()


def _is_of_another(note: dict[str, Any], own_pid: int) -> bool:
    pid = note.get("pid")
    if not isinstance(pid, int) or pid == own_pid:
        return False
    mark = start_mark(pid)
    return mark is not None and note.get("startTime") in (mark, None)


def _read(path: Path) -> dict[str, Any]:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
