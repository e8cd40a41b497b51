"""Long texts cut into messages: at a paragraph if one ends late enough, else a line, a sentence, a word. Pure.

What fits is the channel's to say, measured on the text as it will be sent, because markup makes it grow.
Source: channels §2.12 and its traps 12 and 13.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from clawfleet.channels.markdown import Rich

PARAGRAPH = re.compile(r"\n[ \t]*\n")
LINE = re.compile(r"\n")
SENTENCE = re.compile(r"(?<=[.!?…。！？])[ \t]+")
WORD = re.compile(r"[ \t]+")
BREAKS = (PARAGRAPH, LINE, SENTENCE, WORD)

MIN_FILL = 0.25
"""A better kind of break is taken only where at least this share of the room before it is used."""

LOOKAHEAD = 16
"""Characters after a full part that are looked at, for the blank space between it and the next."""

JOINERS = frozenset("\u200d\ufe0e\ufe0f")


def chunks(rich: Rich, fits: Callable[[Rich], bool], max_chars: int) -> Iterator[Rich]:
    """`rich` in order, in few parts, each non-blank and each satisfying `fits`.

    `max_chars` bounds a part's characters before markup, so that `fits` is never asked about a huge text.
    Code is cut between its lines only, unless one line alone does not fit. Where not even one character fits
    (a channel's limit forbids that), parts of one character come out.
    """
    start, total = 0, len(rich.text)
    while start < total:
        window = rich.slice(start, min(total, start + max_chars + LOOKAHEAD))
        size = _longest(window, min(total - start, max_chars), fits)
        size, resume = (size, size) if start + size == total else _break(window, size)
        part = window.slice(0, size)
        if part.text.strip():
            yield part
        start += resume


def _longest(window: Rich, limit: int, fits: Callable[[Rich], bool]) -> int:
    """The largest size, at most `limit`, with which a part fits; one character at the least."""
    if fits(window.slice(0, limit)):
        return limit
    low, high = 1, limit - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(window.slice(0, middle)):
            low = middle
        else:
            high = middle - 1
    return low


def _break(window: Rich, size: int) -> tuple[int, int]:
    """Where a part that may have `size` characters ends, and where the next one begins."""
    for kind in BREAKS:
        if (found := _last(window, kind, int(size * MIN_FILL), size)) is not None:
            return found
    for kind in (LINE, WORD):
        if (found := _last(window, kind, 1, size)) is not None:
            return found
    while size > 1 and _joined(window.text, size):
        size -= 1
    return size, size


def _last(window: Rich, kind: re.Pattern[str], low: int, size: int) -> tuple[int, int] | None:
    """The last break of a kind that ends a part between `low` and `size`, as (end of part, start of the next)."""
    text = window.text
    for match in reversed(list(kind.finditer(text, low))):
        cut, resume = match.span()
        inside_code = _in_code(window, cut)
        if cut > size or (inside_code and kind is not LINE):
            continue
        while not inside_code and resume < len(text) and text[resume] == "\n":
            resume += 1
        return cut, resume
    return None


def _in_code(window: Rich, position: int) -> bool:
    return any(span.style == "pre" and span.start < position < span.end for span in window.spans)


def _joined(text: str, position: int) -> bool:
    """Whether a cut here would take a character apart: an accent from its letter, an emoji from its modifier."""
    return text[position] in JOINERS or text[position - 1] == "\u200d" or bool(unicodedata.combining(text[position]))
