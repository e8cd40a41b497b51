"""The patch format of `apply_patch`, read. It is not a unified diff: hunks have no line numbers.

Source: tools-and-sessions §2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clawfleet.core.errors import ToolError

BEGIN, END = "*** Begin Patch", "*** End Patch"
ADD, UPDATE, DELETE, MOVE = "*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "
END_OF_FILE = "*** End of File"


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `old` of a file, and `new` in their place. `context` is a line that stands above; `at_end`: of the file."""

    context: str | None
    old: tuple[str, ...]
    new: tuple[str, ...]
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """A new file."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A file that goes."""

    path: str


@dataclass(frozen=True, slots=True)
class Updated:
    """A file that changes, and where it moves to, if it does."""

    path: str
    move_to: str | None
    hunks: tuple[Hunk, ...]


Step = Added | Deleted | Updated


def read_patch(text: str) -> list[Step]:
    """The steps of a patch in their order. Raises `ToolError` that names the line."""
    lines = _inside(text)
    steps: list[Step] = []
    reader = _Reader(lines)
    while (line := reader.take()) is not None:
        if line.startswith(ADD):
            steps.append(Added(_path(line, ADD), _added(reader)))
        elif line.startswith(DELETE):
            steps.append(Deleted(_path(line, DELETE)))
        elif line.startswith(UPDATE):
            steps.append(_updated(reader, _path(line, UPDATE)))
        elif line.strip():
            raise reader.fault(
                f"expected '{ADD.strip()}', '{UPDATE.strip()}' or '{DELETE.strip()}' and a path, not {line[:80]!r}"
            )
    if not steps:
        raise ToolError("Invalid patch: it changes no files.")
    return steps


class _Reader:
    """Takes lines one by one and knows which."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._next = 0

    def take(self) -> str | None:
        """The next line; None at the end."""
        line = self.peek()
        self._next += line is not None
        return line

    def peek(self) -> str | None:
        """The next line, not taken."""
        return self._lines[self._next] if self._next < len(self._lines) else None

    def fault(self, what: str) -> ToolError:
        """What is wrong with the line taken last. Line 1 is the one that begins the patch."""
        return ToolError(f"Invalid patch, line {self._next + 1}: {what}.")


def _inside(text: str) -> list[str]:
    """The lines between begin and end; a shell's here-document around them is taken off."""
    lines = text.strip().replace("\r\n", "\n").split("\n")
    if lines[0].lstrip().startswith("<<") and len(lines) > 2 and lines[-1].strip() == lines[0].strip(" <'\""):
        lines = "\n".join(lines[1:-1]).strip().split("\n")
    if lines[0].strip() != BEGIN:
        raise ToolError(f"Invalid patch: the first line must be '{BEGIN}'.")
    if lines[-1].strip() != END:
        raise ToolError(f"Invalid patch: the last line must be '{END}'.")
    return lines[1:-1]


def _path(line: str, marker: str) -> str:
    path = line[len(marker) :].strip()
    if not path or "\0" in path:
        raise ToolError(f"Invalid patch: no path behind '{marker.strip()}'.")
    return path


def _added(reader: _Reader) -> str:
    lines = []
    while (line := reader.peek()) is not None and line.strip() and not line.startswith("*** "):
        reader.take()
        if not line.startswith("+"):
            raise reader.fault(f"every line of an added file begins with '+', not {line[:80]!r}")
        lines.append(line[1:])
    return "".join(f"{line}\n" for line in lines)


def _updated(reader: _Reader, path: str) -> Updated:
    move_to = None
    if (line := reader.peek()) is not None and line.startswith(MOVE):
        reader.take()
        move_to = _path(line, MOVE)
    hunks: list[Hunk] = []
    while (line := reader.peek()) is not None and not _starts_step(line):
        if not line.strip() and hunks:  # an empty line between two files
            reader.take()
            continue
        hunks.append(_hunk(reader, first=not hunks))
    if not hunks and move_to is None:
        raise reader.fault(f"the update of {path} has no lines")
    return Updated(path, move_to, tuple(hunks))


def _hunk(reader: _Reader, *, first: bool) -> Hunk:
    line = reader.peek() or ""
    context = None
    if line.startswith("@@"):
        reader.take()
        context = line[2:].removeprefix(" ").rstrip() or None
        context = context.removesuffix("@@").rstrip() or None if context else None
    elif not first:
        reader.take()
        raise reader.fault(f"a hunk begins with '@@', not {line[:80]!r}")
    old: list[str] = []
    new: list[str] = []
    at_end = False
    while (line := reader.peek() or "") or reader.peek() is not None:
        if line == END_OF_FILE:
            reader.take()
            at_end = True
            break
        if line.startswith("@@") or _starts_step(line):
            break
        reader.take()
        _put(reader, line, old, new)
    if not old and not new:
        raise reader.fault("the hunk has no lines")
    return Hunk(context, tuple(old), tuple(new), at_end)


def _put(reader: _Reader, line: str, old: list[str], new: list[str]) -> None:
    sign, rest = line[:1], line[1:]
    if sign not in ("", " ", "+", "-"):
        raise reader.fault(f"a line of a hunk begins with ' ', '+' or '-', not {line[:80]!r}")
    if sign != "+":
        old.append(rest)
    if sign != "-":
        new.append(rest)


def _starts_step(line: str) -> bool:
    return line.startswith((ADD, UPDATE, DELETE, MOVE))
