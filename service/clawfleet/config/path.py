"""Key paths as people type them: `a.b`, `a["x.y"]`, `list[0]`, `list.0`. Source: config-and-cli §3."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clawfleet.core.errors import RequestError

KeyPath = tuple[str | int, ...]

_DOTTED = re.compile(r"[^.\[\]]+")
_BRACKETS = re.compile(r"""\[\s*(?:(-?\d+)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\[\]"']+?))\s*\]""")
_BARE = re.compile(r"[^.\[\]\"'\s]+")


class BadPath(RequestError):
    """The text is no key path."""

    code = "BAD_CONFIG_PATH"
    exit_code = 1


def parse_path(text: str) -> KeyPath:
    """The segments of a key path: text for keys, numbers for what stands bare in brackets. Raises BadPath."""
    text = text.strip()
    if not text:
        raise BadPath("Path is empty.")
    segments: list[str | int] = []
    position = 0
    while position < len(text):
        if match := _BRACKETS.match(text, position):
            segments.append(_bracketed(match))
        elif match := _DOTTED.match(text, position):
            segments.append(match[0])
        else:
            raise BadPath(f"Invalid config path: {text} (at character {position + 1})", hint=_EXAMPLE)
        position = match.end()
        if text.startswith(".", position):
            position += 1
            if position == len(text) or text[position] in ".[":
                raise BadPath(f"Invalid config path: {text} (nothing after the dot)", hint=_EXAMPLE)
    return tuple(segments)


def show_path(path: Sequence[str | int]) -> str:
    """A path as text that `parse_path` reads back; `<root>` for the empty one."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif _BARE.fullmatch(segment):
            text += f".{segment}" if text else segment
        else:
            escaped = segment.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text or "<root>"


def look_up(tree: object, path: Sequence[str | int]) -> object:
    """The value at `path`. Raises KeyError when there is none."""
    for segment in path:
        if isinstance(tree, Mapping):
            tree = tree[str(segment)]
        elif isinstance(tree, list | tuple):
            tree = tree[index_in(tree, segment)]
        else:
            raise KeyError(segment)
    return tree


def index_in(items: Sequence[object], segment: str | int) -> int:
    """The index that a segment names in a list. Raises KeyError when it names none."""
    text = str(segment)
    if not (text.isascii() and text.isdigit()) or int(text) >= len(items):
        raise KeyError(segment)
    return int(text)


_EXAMPLE = 'for example gateway.port, agents.list[0].name or models.providers["my.provider"].baseUrl'


def _bracketed(match: re.Match[str]) -> str | int:
    number, double, single, bare = match.groups()
    if number is not None:
        return int(number)
    if bare is not None:
        return bare
    return re.sub(r"\\(.)", r"\1", double if double is not None else single)
