"""Files that only their owner may read, replaced as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from clawfleet.core.errors import HostError


class NoSuchPlace(HostError):
    """A directory that must be there cannot be made, or is none."""

    code = "DIRECTORY_UNUSABLE"
    exit_code = 78


def private_dir(path: Path) -> Path:
    """`path` as a directory of mode 0700; missing parents are made the same way, existing parents stay as they are.

    Raises NoSuchPlace (exit 78).
    """
    missing = [path, *path.parents]
    try:
        for folder in reversed([item for item in missing if not item.exists()]):
            folder.mkdir(mode=0o700, exist_ok=True)
        with os.scandir(path):  # a file would take the mode below without complaint
            path.chmod(0o700)
    except OSError as error:
        raise NoSuchPlace(
            f"cannot use {path} as a directory: {error.strerror}",
            hint="check the path (OPENCLAW_STATE_DIR, --profile), who owns it, and that nothing else has that name",
        ) from error
    return path


def write_private(path: Path, data: str | bytes, *, like: Path | None = None) -> None:
    """Replace the file by `data`, mode 0600, atomically: a reader sees the old bytes or the new, after a crash too.

    What root writes belongs to the owner of `like`, so that the gateway's own user can read it.
    """
    content = data.encode() if isinstance(data, str) else data
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if like is not None and os.geteuid() == 0:
                owner = like.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
