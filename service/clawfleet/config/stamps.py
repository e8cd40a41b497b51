"""Whether files were touched, told from what the file system knows of them.

Asked for by path, so that a file that was replaced by another one, as editors save, counts as touched. Polling is
deliberate: a few `stat` calls cost microseconds, and behave the same on every file system and platform.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

Stamp = tuple[int, int, int] | None
"""Device-free identity of one state of a file; None where there is none."""


def stamps(paths: Iterable[Path]) -> dict[Path, Stamp]:
    """The stamp of each file, of what a link leads to."""
    return {path: _stamp(path) for path in paths}


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
