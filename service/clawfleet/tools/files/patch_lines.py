"""Where the hunks of a patch belong in a file, and the file with them. Pure.

A hunk is looked for from where the last one ended: exactly, then without trailing white space, then without any around
the line, then with typographic signs read as plain ones. It must fit in one place only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clawfleet.core.errors import ToolError
from clawfleet.tools.files.patch_text import Hunk

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    }
)
_READINGS: tuple[Callable[[str], str], ...] = (
    lambda line: line,
    str.rstrip,
    str.strip,
    lambda line: line.strip().translate(_PLAIN),
)


def patched(path: str, text: str, hunks: Sequence[Hunk]) -> str:
    """`text` with every hunk done. Raises `ToolError` when one fits nowhere or in several places."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    ends_with_line = lines[-1] == ""
    if ends_with_line:
        lines.pop()
    result: list[str] = []
    at = 0
    for hunk in hunks:
        start, length = _place(path, lines, hunk, at)
        result += [*lines[at:start], *_kept(lines[start : start + length], hunk)]
        at = start + length
    result += lines[at:]
    return (
        ending.join([*result, ""])
        if result and (ends_with_line or not text or at == len(lines))
        else ending.join(result)
    )


def _place(path: str, lines: Sequence[str], hunk: Hunk, at: int) -> tuple[int, int]:
    """First line and number of lines that the hunk takes the place of."""
    if hunk.context is not None:
        at = _find(lines, (hunk.context,), at, f"the context {hunk.context!r} in {path}", "a more telling @@ line") + 1
    if not hunk.old:
        return (len(lines), 0) if hunk.context is None or hunk.at_end else (at, 0)
    what = f"these lines in {path}"
    old = hunk.old
    if hunk.at_end:
        start = len(lines) - len(old)
        if start >= at and any(_fits(lines, old, start, reading) for reading in _READINGS):
            return start, len(old)
        raise ToolError(f"Failed to find {what} at its end:\n{_shown(old)}")
    return _find(lines, old, at, what, "more lines around them"), len(old)


def _find(lines: Sequence[str], wanted: Sequence[str], at: int, what: str, cure: str) -> int:
    for reading in _READINGS:
        found = [start for start in range(at, len(lines) - len(wanted) + 1) if _fits(lines, wanted, start, reading)]
        if len(found) > 1:
            raise ToolError(f"Found {len(found)} occurrences of {what}; give {cure}:\n{_shown(wanted)}")
        if found:
            return found[0]
    raise ToolError(f"Failed to find {what}:\n{_shown(wanted)}")


def _fits(lines: Sequence[str], wanted: Sequence[str], start: int, reading: Callable[[str], str]) -> bool:
    return all(reading(lines[start + index]) == reading(line) for index, line in enumerate(wanted))


def _kept(there: Sequence[str], hunk: Hunk) -> list[str]:
    """The hunk's new lines; one that it leaves as it was stays as the file has it."""
    own = dict(zip(hunk.old, there, strict=True)) if len(there) == len(hunk.old) else {}
    return [own.get(line, line) for line in hunk.new]


def _shown(lines: Sequence[str]) -> str:
    return "\n".join(lines)[:2_000]
