"""Text from outside that can be written and shown.

JSON can escape half a character: such text breaks files, sockets and SQLite. Control characters move the cursor.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_HALF_IN_TEXT = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_HALF_IN_BYTES = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""How half a character looks in JSON: escaped, or written out as some encoders do. A whole one may look so too."""


def whole_characters(text: str) -> str:
    """`text` that can be written as UTF-8: halves that belong together joined, lone halves replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_json(data: str | bytes) -> Any:
    """The value of a JSON text from outside; every text in it can be written. Raises ValueError, RecursionError."""
    value = json.loads(data)
    if not (_HALF_IN_TEXT.search(data) if isinstance(data, str) else _HALF_IN_BYTES.search(data)):
        return value
    return json.loads(whole_characters(json.dumps(value, ensure_ascii=False)))


def printable(text: str) -> str:
    """Text from elsewhere, safe for a terminal: what could move the cursor or turn lines around is spelt out."""
    return "".join(char if _is_harmless(char) else f"\\u{ord(char):04x}" for char in text)


def _is_harmless(char: str) -> bool:
    return char in "\n\t" or (unicodedata.category(char) != "Cc" and char not in _TURNS_TEXT)


_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
