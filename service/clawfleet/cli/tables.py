"""Rows as a table that fits a terminal: the widest columns give way, and whole values are in `--json`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence

from clawfleet.core.text import printable

WIDTH = 80
UNBOUND = 1_000_000
GAP = "  "
LEAST = 6
"""No column gets narrower for another one's sake."""


def terminal_lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The table fit for a terminal; whole where a program reads it, for names that are cut are not found."""
    is_read_by_people = sys.stdout.isatty()
    return table_lines(heads, rows, shutil.get_terminal_size((WIDTH, 24)).columns if is_read_by_people else UNBOUND)


def table_lines(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int = WIDTH) -> Iterator[str]:
    """The head and the rows, none wider than `width` as long as every column can have its least."""
    cells = [[_flat(cell) for cell in row] for row in (heads, *rows)]
    widths = _fitted([max(len(row[column]) for row in cells) for column in range(len(heads))], width)
    for row in cells:
        yield GAP.join(_cut(cell, size).ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()


def _fitted(widths: list[int], width: int) -> list[int]:
    spare = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > spare and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"


def _flat(text: str) -> str:
    return printable(" ".join(text.split()))
