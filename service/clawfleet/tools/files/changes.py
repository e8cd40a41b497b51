"""What a change of a text file looks like to a person: a short listing with line numbers, and a unified patch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

CONTEXT = 4
MOST_LINES = 2_000
"""Lines between the first and the last changed one; beyond, comparing would cost more than it tells."""
MOST_CHARS = 20_000


def details_of(path: str, before: str, after: str, *, created: bool) -> dict[str, object]:
    """What clients are told of a file that was written: `diff` and `patch` are left out where they would be huge."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    details: dict[str, object] = {"changed": before != after, "created": created}
    head, tail = _same_ends(old, new)
    if before == after or max(len(old), len(new)) - head - tail > MOST_LINES:
        return details
    details["firstChangedLine"] = head + 1
    first, stop = max(0, head - CONTEXT), max(0, tail - CONTEXT)
    old, new = old[first : len(old) - stop], new[first : len(new) - stop]
    shown = "\n".join(_listing(old, new, first + 1))
    patch = "".join(_patch(path, old, new, first, created=created))
    return {**details, **{key: text for key, text in (("diff", shown), ("patch", patch)) if len(text) <= MOST_CHARS}}


def _same_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines are the same at the start, and at the end of what is left."""
    most = min(len(old), len(new))
    head = next((index for index in range(most) if old[index] != new[index]), most)
    tail = next((index for index in range(most - head) if old[-1 - index] != new[-1 - index]), most - head)
    return head, tail


def _listing(old: Sequence[str], new: Sequence[str], first: int) -> Iterator[str]:
    from difflib import SequenceMatcher

    width = len(str(first + max(len(old), len(new))))
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (f" {first + at:>{width}} {_bare(new[at])}" for at in range(new_from, new_to))
            continue
        yield from (f"-{first + at:>{width}} {_bare(old[at])}" for at in range(old_from, old_to))
        yield from (f"+{first + at:>{width}} {_bare(new[at])}" for at in range(new_from, new_to))


def _patch(path: str, old: Sequence[str], new: Sequence[str], skipped: int, *, created: bool) -> Iterator[str]:
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, old, new, autojunk=False)
    yield f"--- {'/dev/null' if created else path}\n"
    yield f"+++ {path}\n"
    for group in matcher.get_grouped_opcodes(CONTEXT):
        old_from, old_to, new_from, new_to = group[0][1], group[-1][2], group[0][3], group[-1][4]
        yield f"@@ -{_span(old_from, old_to, skipped)} +{_span(new_from, new_to, skipped)} @@\n"
        for tag, first, stop, new_first, new_stop in group:
            if tag == "equal":
                yield from (f" {_bare(line)}\n" for line in old[first:stop])
                continue
            yield from (f"-{_bare(line)}\n" for line in old[first:stop])
            yield from (f"+{_bare(line)}\n" for line in new[new_first:new_stop])


def _span(first: int, stop: int, skipped: int) -> str:
    length = stop - first
    start = first + skipped + (1 if length else 0)
    return f"{start},{length}" if length != 1 else str(start)


def _bare(line: str) -> str:
    return line.rstrip("\r\n")
