"""Reads the end of a log file that another process writes: by byte position, so that nothing is read twice.

The name of the file may hold `YYYY-MM-DD` for the day; then the youngest day that exists is read.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

DAY = "YYYY-MM-DD"
DAY_GLOB = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


@dataclass(frozen=True, slots=True)
class Tail:
    """Whole lines of a log file. `cursor` is where the next reading starts.

    `truncated`: there are more lines than were asked for. `reset`: the file is not the one that the cursor was of, so
    it starts anew.
    """

    file: Path
    cursor: int
    size: int
    lines: tuple[str, ...]
    truncated: bool
    reset: bool


def newest(pattern: Path) -> Path | None:
    """The youngest existing file of a name with a day in it, or the file of a plain name; None when there is none."""
    if DAY not in pattern.name:
        return pattern if pattern.is_file() else None
    return max(pattern.parent.glob(pattern.name.replace(DAY, DAY_GLOB)), default=None)


def current(file: Path) -> Path:
    """The file that is written now, where `file` with a day in its name was written once; else `file` itself."""
    pattern = re.sub(r"\d{4}-\d\d-\d\d", DAY, file.name, count=1)
    return newest(file.with_name(pattern)) or file


def read_tail(file: Path, *, cursor: int | None = None, limit: int = 200, max_bytes: int = 250_000) -> Tail:
    """The last `limit` whole lines of the last `max_bytes`; with a cursor the first `limit` within those after it.

    Only a newline ends a line. One that is longer than `max_bytes` comes in pieces. Raises OSError.
    """
    with file.open("rb") as handle:
        size = os.fstat(handle.fileno()).st_size
        reset = cursor is not None and cursor > size
        from_end = cursor is None or reset
        start = max(0, size - max_bytes) if from_end else cursor or 0
        handle.seek(start)
        data = handle.read(max_bytes)
    whole = data[: data.rfind(b"\n") + 1]  # a line that is still being written comes next time
    if not whole and len(data) == max_bytes:
        whole = data
    rows = re.findall(rb"[^\n]*\n|[^\n]+", whole)
    if from_end and start > 0:
        rows = rows[1:]  # its beginning was not read
    kept = rows[-limit:] if from_end else rows[:limit]
    end = start + len(whole) if from_end else start + sum(map(len, kept))
    truncated = len(kept) < len(rows) or (from_end and start > 0)
    lines = tuple(row.decode("utf-8", errors="replace").removesuffix("\n") for row in kept)
    return Tail(file, end, size, lines, truncated, reset)
