"""Values as JSON5 text in the style of the text around them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is written: one level of indentation, the quote of strings, whether keys are quoted.

    `ends_with_comma`: objects and lists over several lines end with a comma.
    """

    indent: str = "  "
    quote: str = '"'
    quotes_keys: bool = True
    ends_with_comma: bool = False
    newline: str = "\n"

    def key(self, name: str) -> str:
        """A key as text."""
        return name if not self.quotes_keys and _IDENTIFIER.fullmatch(name) else self.string(name)

    def string(self, value: str) -> str:
        """A string as text."""
        text = json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        if self.quote == '"':
            return text
        return "'" + text[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"

    def value(self, value: object, at: str, *, inline: bool = False) -> str:
        """Any JSON value as text; `at` is the indentation of the line it starts on. `inline` keeps it on one line."""
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, Mapping):
            rows = [(f"{self.key(str(key))}: ", item) for key, item in value.items()]
            return self._container("{}", rows, at, inline)
        if isinstance(value, list | tuple):
            return self._container("[]", [("", item) for item in value], at, inline)
        if isinstance(value, float) and not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return json.dumps(value)

    def _container(self, brackets: str, rows: list[tuple[str, object]], at: str, inline: bool) -> str:
        opener, closer = brackets[0], brackets[1]
        if not rows:
            return brackets
        inner = at if inline else at + self.indent
        texts = [lead + self.value(item, inner, inline=inline) for lead, item in rows]
        if inline:
            pad = " " if opener == "{" else ""
            return f"{opener}{pad}{', '.join(texts)}{pad}{closer}"
        last = "," if self.ends_with_comma else ""
        line = self.newline + inner
        return f"{opener}{line}" + f",{line}".join(texts) + f"{last}{self.newline}{at}{closer}"
