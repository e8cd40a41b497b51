"""The `.env` dialect of OpenClaw. python-dotenv differs: it interpolates `${X}` and keeps `#` inside bare values.

Source: config-and-cli §2.4.
"""

from __future__ import annotations

import re

_KEY = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)(?:[ \t]*=|:[ \t])[ \t]*")


def parse_dotenv(text: str) -> dict[str, str]:
    """The variables of a `.env` file; of a name given twice the last wins. A line that is no assignment is skipped.

    `'…'` and backticks are raw, `"…"` turns `\\n` and `\\r` into line breaks and nothing else; all three may span
    lines. A bare value ends at `#` or the end of the line and is trimmed.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _KEY.match(text, position)
        if match is None:
            position = _line_end(text, position) + 1
            continue
        value, position = _value(text, match.end())
        found[match[1]] = value
    return found


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
