"""Puts a service's file in its place: whole or not at all, the former one beside it as `.bak`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from clawfleet.core.errors import HostError


class CannotPlace(HostError):
    """The file of a service cannot be written or removed."""

    code = "SERVICE_FILE"


def place(file: Path, data: bytes, mode: int) -> Path | None:
    """Write `data`; the backup of what was there before, None when there was nothing. Raises CannotPlace."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        backup = None
        if file.exists():
            backup = backup_of(file)
            _replace(backup, file.read_bytes(), mode)
        _replace(file, data, mode)
    except OSError as error:
        raise _refused(file, error) from error
    return backup


def remove(file: Path, *, trash: Path | None = None) -> Path | None:
    """Take the file and its backup away; where it went with `trash`, a directory. Raises CannotPlace."""
    try:
        backup_of(file).unlink(missing_ok=True)
        if not file.exists():
            return None
        if trash is None or not trash.is_dir():
            file.unlink()
            return None
        kept = trash / file.name
        file.replace(kept)
        return kept
    except OSError as error:
        raise _refused(file, error) from error


def backup_of(file: Path) -> Path:
    """Where the former version of a service file is kept."""
    return file.with_name(f"{file.name}.bak")


def _replace(file: Path, data: bytes, mode: int) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            os.fchmod(out.fileno(), mode)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _refused(file: Path, error: OSError) -> CannotPlace:
    hint = "units and daemons of the system are root's: sudo openclaw gateway … --system"
    return CannotPlace(
        f"cannot change {file}: {error.strerror}", hint=hint if isinstance(error, PermissionError) else None
    )
