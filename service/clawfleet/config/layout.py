"""Where everything stands in a JSON5 text: the spans of values, keys and commas.

pyjson5 says what a text means; this says where, for edits that keep the operator's own words, for line numbers, and
to explain what is wrong with a text that does not parse. Grammar: JSON5 1.0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyjson5

from clawfleet.config.path import KeyPath

MAX_DEPTH = 100
_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_BLANK = re.compile(rf"(?:[{_SPACE}]+|//[^\n\r\u2028\u2029]*|/\*.*?\*/)+", re.DOTALL)
_NAME = re.compile(r"(?:[^\W\d]|[$]|\\u[0-9a-fA-F]{4})(?:\w|[$\u200c\u200d]|\\u[0-9a-fA-F]{4})*")
_ESCAPE = r"\\(?:\r\n|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[^uUx1-9])"
_INSIDE = {quote: re.compile(rf"(?:[^{quote}\\\n\r]|{_ESCAPE})*", re.DOTALL) for quote in ("'", '"')}
_PLAIN = re.compile(
    r"true|false|null|[+-]?(?:Infinity|NaN|0[xX][0-9a-fA-F]+|(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
)
_WORD = re.compile(rf"[^{_SPACE},:\[\]{{}}\"'/]+")

Kind = Literal["object", "array", "scalar"]


class Json5Syntax(ValueError):
    """The text is not JSON5. `position` is the offset of the first character that does not fit.

    `fault` says what and where without what was expected, in the words that protocol clients know.
    """

    def __init__(self, text: str, position: int, expected: str) -> None:
        self.position = position
        self.expected = expected
        self.line, self.column = line_and_column(text, position)
        found = f"invalid character {text[position]!r}" if position < len(text) else "invalid end of input"
        self.fault = f"SyntaxError: JSON5: {found} at {self.line}:{self.column}"
        super().__init__(f"{self.fault}, expected {expected}")


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an object or array, from the start of its key (or value) to the end of its value."""

    key: str | int
    start: int
    value: Node
    comma: int | None

    @property
    def end(self) -> int:
        """Offset after the value."""
        return self.value.end


@dataclass(frozen=True, slots=True)
class Node:
    """One value: `text[start:end]`. `members` in the order of the text, of an object or array."""

    kind: Kind
    start: int
    end: int
    members: tuple[Member, ...] = field(default=(), repr=False)

    def find(self, segment: str | int) -> Member | None:
        """The member that a path segment names; of a key given twice the last one, as parsers take it."""
        if self.kind == "array":
            index = segment if isinstance(segment, int) else int(segment) if _is_index(segment) else -1
            return self.members[index] if 0 <= index < len(self.members) else None
        return next((member for member in reversed(self.members) if member.key == str(segment)), None)


def lay_out(text: str) -> Node:
    """The layout of a JSON5 text. Raises Json5Syntax."""
    reader = _Reader(text)
    position = reader.skip(0)
    root = reader.value(position, 0)
    end = reader.skip(root.end)
    if end < len(text):
        raise Json5Syntax(text, end, "the end of the file")
    return root


def locate(root: Node, path: Sequence[str | int]) -> tuple[Member | None, int]:
    """The deepest member on `path` that exists and how many segments lead to it; (None, 0) when none does."""
    node, found = root, None
    for depth, segment in enumerate(path):
        member = node.find(segment)
        if member is None:
            return found, depth
        node, found = member.value, member
    return found, len(path)


def doubles(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, int]]:
    """(path, offset of the key) of every key that stands more than once in its object, each time that it stands."""
    count = Counter(member.key for member in node.members)
    for member in node.members:
        if count[member.key] > 1:
            yield (*path, member.key), member.start
    for member in node.members:
        yield from doubles(member.value, (*path, member.key))


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _is_read_elsewhere(word: str) -> bool:
    """Whether pyjson5, which judges what a text means, takes what the grammar does not: `1_`, `-.`."""
    try:
        pyjson5.decode(word)
    except pyjson5.Json5Exception:
        return False
    return True


def _is_index(segment: str) -> bool:
    return segment.isascii() and segment.isdigit()


class _Reader:
    """A recursive descent over one text; every method takes an offset and raises Json5Syntax."""

    def __init__(self, text: str) -> None:
        self.text = text

    def skip(self, position: int) -> int:
        """The offset of the next character that is neither blank nor comment."""
        if match := _BLANK.match(self.text, position):
            position = match.end()
        if self.text.startswith("/*", position):
            raise Json5Syntax(self.text, len(self.text), f'"*/" to close the comment of line {self._line(position)}')
        return position

    def value(self, position: int, depth: int) -> Node:
        """The value at `position`."""
        if depth > MAX_DEPTH:
            raise Json5Syntax(self.text, position, f"no more than {MAX_DEPTH} levels")
        opener = self.text[position : position + 1]
        if opener == "{":
            return self._members(position, depth, "object", "}")
        if opener == "[":
            return self._members(position, depth, "array", "]")
        if opener in {'"', "'"}:
            return Node("scalar", position, self._string_end(position))
        return Node("scalar", position, self._plain_end(position))

    def _members(self, start: int, depth: int, kind: Kind, closer: str) -> Node:
        members: list[Member] = []
        position = self.skip(start + 1)
        while not self.text.startswith(closer, position):
            key: str | int = len(members)
            at = position
            if kind == "object":
                key, position = self._key(position, start)
            value = self.value(position, depth + 1)
            position = self.skip(value.end)
            comma = position if self.text.startswith(",", position) else None
            members.append(Member(key, at, value, comma))
            if comma is not None:
                position = self.skip(comma + 1)
            elif not self.text.startswith(closer, position):
                raise Json5Syntax(self.text, position, self._closing(start, f'"," or "{closer}"', position))
        return Node(kind, start, position + 1, tuple(members))

    def _key(self, position: int, opened: int) -> tuple[str, int]:
        """The key at `position` and where its value starts."""
        if self.text[position : position + 1] in {'"', "'"}:
            end = self._string_end(position)
        elif match := _NAME.match(self.text, position):
            end = match.end()
        else:
            raise Json5Syntax(self.text, position, self._closing(opened, 'a key or "}"', position))
        raw = self.text[position:end]
        colon = self.skip(end)
        if not self.text.startswith(":", colon):
            raise Json5Syntax(self.text, colon, f'":" after the key {raw}')
        return next(iter(pyjson5.decode(f"{{{raw}:0}}"))), self.skip(colon + 1)

    def _plain_end(self, position: int) -> int:
        word, match = _WORD.match(self.text, position), _PLAIN.match(self.text, position)
        if word and (not match or match.end() < word.end()) and _is_read_elsewhere(word[0]):
            return word.end()
        if match is None or (word and match[0].isalpha() and match.end() < word.end()):
            raise Json5Syntax(self.text, position, "a value")
        return match.end()

    def _string_end(self, position: int) -> int:
        quote = self.text[position]
        match = _INSIDE[quote].match(self.text, position + 1)
        end = match.end() if match else position + 1
        if self.text[end:] == "\\":
            end += 1
        if self.text.startswith("\\", end):
            raise Json5Syntax(self.text, end, "an escape sequence that JSON5 knows")
        if not self.text.startswith(quote, end):
            raise Json5Syntax(self.text, end, f"{quote} to close the string of line {self._line(position)}")
        return end + 1

    def _closing(self, opened: int, expected: str, position: int) -> str:
        if position < len(self.text):
            return expected
        return f'{expected} to close the "{self.text[opened]}" of line {self._line(opened)}'

    def _line(self, position: int) -> int:
        return line_and_column(self.text, position)[0]
