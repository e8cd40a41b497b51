"""The `.env` dialect of OpenClaw. python-dotenv differs: it interpolates `${X}` and keeps `#` inside bare values.

Source: config-and-cli §2.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_KEY = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)(?:[ \t]*=|:[ \t])[ \t]*")


def parse_dotenv(text: str) -> dict[str, str]:
    """The variables of a `.env` file; of a name given twice the last wins. A line that is no assignment is skipped.

    `'…'` and backticks are raw, `"…"` turns `\\n` and `\\r` into line breaks and nothing else; all three may span
    lines. A bare value ends at `#` or the end of the line and is trimmed.
    """
    return {name: value for _, name, value in _lines(_plain(text)) if name}


def unreadable_lines(text: str) -> tuple[int, ...]:
    """The numbers, from 1, of lines that `parse_dotenv` skips although they are neither blank nor a comment."""
    plain = _plain(text)
    return tuple(
        plain.count("\n", 0, start) + 1
        for start, name, line in _lines(plain)
        if not name and line.strip() and not line.lstrip().startswith("#")
    )


def assignments(text: str) -> Iterator[tuple[int, str]]:
    """(offset, name) of every line or assignment, in order; the name is empty where nothing is assigned."""
    for start, name, _ in _lines(text):
        yield start, name


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """(offset, name, value) of each assignment; of any other line (offset, "", the line)."""
    position = 0
    while position < len(text):
        start = position
        if match := _KEY.match(text, start):
            value, position = _value(text, match.end())
            yield start, match[1], value
        else:
            position = _line_end(text, start) + 1
            yield start, "", text[start : position - 1]


def _value(text: str, start: int) -> tuple[str, int]:
    """The value at `start` and where the next line begins. A quote that never closes makes the value bare."""
    quote = text[start : start + 1]
    close = text.find(quote, start + 1) if quote in {'"', "'", "`"} else -1
    if quote == '"':
        close = _closing_quote(text, start + 1)
    if close < 0:
        end = _line_end(text, start)
        return text[start:end].partition("#")[0].strip(), end + 1
    raw = text[start + 1 : close]
    if quote == '"':
        raw = raw.replace("\\n", "\n").replace("\\r", "\r")
    return raw, _line_end(text, close) + 1


def _closing_quote(text: str, start: int) -> int:
    """Where a double-quoted value closes: `\\"` does not close it (and stays as it is)."""
    position = start
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == '"':
            return position
        else:
            position += 1
    return -1


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
