"""Sets and removes keys in the text of a config file; comments, order and spelling of the rest stay as they are.

An edit works on spans (layout.py) and never writes a parsed tree back. A value that replaces an object changes only
the keys that differ; a list keeps the items that both its ends share with the new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyjson5

from clawfleet.config.layout import Node, lay_out, locate
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.render import Style
from clawfleet.core.errors import NotFoundError, RequestError

_TAIL = re.compile(r"[ \t]*(?:/\*[^\n\r]*?\*/[ \t]*)*(?://[^\n\r]*)?")
_BLANKS = re.compile(r"[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r|\Z")


class CannotSet(RequestError):
    """The path leads through a value that holds no keys, or past the end of a list."""

    code = "CONFIG_PATH_BLOCKED"
    exit_code = 1


class NotSet(NotFoundError):
    """There is nothing at the path."""

    code = "CONFIG_PATH_NOT_FOUND"


def get_value(text: str, path: KeyPath) -> object:
    """The parsed value at `path`, `${NAME}` as it is written. Raises NotSet, and Json5Syntax for a broken text."""
    node = _find(lay_out(text), path)
    return pyjson5.decode(text[node.start : node.end])


def set_value(text: str, path: KeyPath, value: object) -> str:
    """`text` with `value` at `path`; missing objects and lists on the way are made.

    The text comes back unchanged when it already says so. Raises CannotSet, and Json5Syntax for a broken text.
    """
    root = lay_out(text)
    member, depth = locate(root, path)
    if depth == len(path):
        return _replace(text, path, value)
    owner = member.value if member else root
    _check_takes(owner, path, depth)
    row = (str(path[depth]), _wrapped(path[depth + 1 :], value))
    return _insert(text, path[:depth], len(owner.members), [row])


def unset_value(text: str, path: KeyPath) -> str:
    """`text` without what is at `path`, its comma and the comment behind it. Raises NotSet.

    Comment lines above it stay: they may be about what follows.
    """
    text = _unset_once(text, path)
    while not isinstance(path[-1], int) and _has_key(text, path):  # a key given twice must not come back to life
        text = _unset_once(text, path)
    return text


def style_of(text: str, root: Node) -> Style:
    """How the file is written, judged by what is in it; standard JSON with two blanks when it says nothing."""
    containers = _containers(root)
    members = [member for node in containers for member in node.members]
    keys = [text[member.start] for member in members if isinstance(member.key, str)]
    marks = [text[member.value.start] for member in members] + keys
    multi = [node for node in containers if node.members and _is_multi_line(text, node)]
    return Style(
        indent=(_own_indent(text, root.members[0].start) if root in multi else "") or "  ",
        quote="'" if marks.count("'") > marks.count('"') else '"',
        quotes_keys=not keys or 2 * sum(mark in "\"'" for mark in keys) >= len(keys),
        ends_with_comma=2 * sum(node.members[-1].comma is not None for node in multi) > len(multi),
        newline="\r\n" if "\r\n" in text else "\n",
    )


def _replace(text: str, path: KeyPath, value: object) -> str:
    node = _find(lay_out(text), path)
    old = pyjson5.decode(text[node.start : node.end])
    if _same(old, value):
        return text
    if isinstance(old, dict) and isinstance(value, Mapping) and _keeps_order(list(old), list(value)):
        return _replace_object(text, path, old, value)
    if isinstance(old, list) and isinstance(value, list | tuple) and (edges := _edges(old, value)) != (0, 0):
        first, last = edges
        if first < len(old) - last:
            text = _remove(text, path, first, len(old) - last)
        rows = [("", item) for item in value[first : len(value) - last]]
        return _insert(text, path, first, rows) if rows else text
    inline = not _is_multi_line(text, node) if node.members else _is_inline_place(text, path)
    new = style_of(text, lay_out(text)).value(value, _own_indent(text, node.start), inline=inline)
    return text[: node.start] + new + text[node.end :]


def _replace_object(text: str, path: KeyPath, old: Mapping[str, object], value: Mapping[str, object]) -> str:
    for key in old:
        if key not in value:
            text = unset_value(text, (*path, key))
    for key, item in value.items():
        text = set_value(text, (*path, key), item)
    return text


def _insert(text: str, path: KeyPath, index: int, rows: Sequence[tuple[str, object]]) -> str:
    """Put members before the one of that index, or behind the last. In a list the rows' keys mean nothing."""
    root = lay_out(text)
    node = _find(root, path)
    style = style_of(text, root)
    if not node.members:
        return _fill(text, path, rows)
    is_inline = not _is_multi_line(text, node)
    before = node.members[index - 1] if index else None
    indent = _own_indent(text, (before or node.members[0]).start)
    texts = [
        (f"{style.key(key)}: " if node.kind == "object" else "") + style.value(value, indent, inline=is_inline)
        for key, value in rows
    ]
    line = style.newline + indent
    if before is None and is_inline:
        at = node.members[0].start
        return text[:at] + "".join(f"{new}, " for new in texts) + text[at:]
    if before is None:
        at = _tail_end(text, node.start + 1)
        return text[:at] + "".join(f"{line}{new}," for new in texts) + text[at:]
    if is_inline:
        return text[: before.end] + "".join(f", {new}" for new in texts) + text[before.end :]
    if before.comma is not None:
        at = _tail_end(text, before.comma + 1)
        return text[:at] + "".join(f"{line}{new}," for new in texts) + text[at:]
    at = _tail_end(text, before.end)
    return f"{text[: before.end]},{text[before.end : at]}" + ",".join(f"{line}{new}" for new in texts) + text[at:]


def _fill(text: str, path: KeyPath, rows: Sequence[tuple[str, object]]) -> str:
    """Put members into an empty object or list; comments in it stay before them."""
    root = lay_out(text)
    node = _find(root, path)
    style = style_of(text, root)
    value: object = dict(rows) if node.kind == "object" else [item for _, item in rows]
    outer = _own_indent(text, node.start)
    inside = text[node.start + 1 : node.end - 1].rstrip()
    if not inside:
        new = style.value(value, outer, inline=_is_inline_place(text, path))
        return text[: node.start] + new + text[node.end :]
    filled = style.value(value, outer)
    return text[: node.start + 1] + inside + filled[1:] + text[node.end :]


def _remove(text: str, path: KeyPath, first: int, end: int) -> str:
    """Take the members from `first` to before `end` out of a container."""
    node = _find(lay_out(text), path)
    gone = node.members[first:end]
    start, stop = gone[0].start, gone[-1].end if gone[-1].comma is None else gone[-1].comma + 1
    line_start = start - len(_own_indent(text, start))
    line_stop = _LINE_END.match(text, _tail_end(text, stop))
    if line_stop and (line_start == 0 or text[line_start - 1] in "\n\r"):
        start, stop = line_start, line_stop.end()
    elif end < len(node.members):
        stop = _blanks_end(text, stop)
    else:
        start = len(text[:start].rstrip(" \t"))
    kept = text[:start]
    if first and end == len(node.members) and gone[-1].comma is None:
        comma = node.members[first - 1].comma
        kept = kept if comma is None else kept[:comma] + kept[comma + 1 :]
    result = kept + text[stop:]
    return result if len(gone) < len(node.members) else _collapsed(result, path)


def _collapsed(text: str, path: KeyPath) -> str:
    """An emptied container without the blanks left in it."""
    node = _find(lay_out(text), path)
    inside = text[node.start + 1 : node.end - 1]
    return text if inside.strip() else text[: node.start + 1] + text[node.end - 1 :]


def _unset_once(text: str, path: KeyPath) -> str:
    member, depth = locate(lay_out(text), path)
    if member is None or depth < len(path):
        raise NotSet(f"Config path not found: {show_path(path)}")
    members = _find(lay_out(text), path[:-1]).members
    index = max(i for i, other in enumerate(members) if other.start == member.start)
    return _remove(text, path[:-1], index, index + 1)


def _has_key(text: str, path: KeyPath) -> bool:
    root = lay_out(text)
    return _find(root, path[:-1]).kind == "object" and locate(root, path)[1] == len(path)


def _find(root: Node, path: KeyPath) -> Node:
    member, depth = locate(root, path)
    if depth < len(path):
        raise NotSet(f"Config path not found: {show_path(path)}")
    return member.value if member else root


def _check_takes(owner: Node, path: KeyPath, depth: int) -> None:
    """Raise CannotSet unless `owner`, found at path[:depth], can get the member path[depth]."""
    here = show_path(path[:depth])
    if owner.kind == "scalar":
        raise CannotSet(
            f"Cannot set {show_path(path)}: {here} is neither an object nor a list",
            hint=f"remove it first: openclaw config unset {here}",
        )
    if owner.kind == "array" and str(path[depth]) != str(len(owner.members)):
        raise CannotSet(
            f"Cannot set {show_path(path)}: {here} has {len(owner.members)} items",
            hint=f"to append: {show_path((*path[:depth], len(owner.members)))}",
        )


def _wrapped(path: KeyPath, value: object) -> object:
    """`value` inside the objects and lists that `path` asks for."""
    for segment in reversed(path):
        if isinstance(segment, int) and segment:
            raise CannotSet(f"Cannot set item {segment} of a list that is not there", hint="the first item is [0]")
        value = [value] if isinstance(segment, int) else {segment: value}
    return value


def _same(old: object, new: object) -> bool:
    """Whether both are written alike: 1 is not true, and the order of keys counts."""
    if isinstance(old, dict) and isinstance(new, Mapping):
        return list(old) == list(new) and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    return type(old) is type(new) and repr(old) == repr(new)


def _keeps_order(old: list[str], new: list[str]) -> bool:
    """Whether removing keys and adding others behind turns one order into the other, with something left to keep."""
    common = [key for key in old if key in new]
    return bool(common) and new[: len(common)] == common


def _edges(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many items two lists share at their start, and then at their end."""
    most = min(len(old), len(new))
    first = next((i for i in range(most) if not _same(old[i], new[i])), most)
    most -= first
    last = next((i for i in range(most) if not _same(old[-1 - i], new[-1 - i])), most)
    return first, last


def _containers(node: Node) -> list[Node]:
    if node.kind == "scalar":
        return []
    return [node, *(found for member in node.members for found in _containers(member.value))]


def _is_multi_line(text: str, node: Node) -> bool:
    return bool(node.members) and "\n" in text[node.start : node.members[0].start]


def _is_inline_place(text: str, path: KeyPath) -> bool:
    """Whether what stands at `path` is in an object or list written on one line."""
    return bool(path) and not _is_multi_line(text, _find(lay_out(text), path[:-1]))


def _own_indent(text: str, position: int) -> str:
    """The blanks that start the line of `position`."""
    match = _BLANKS.match(text, max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1)
    return match[0] if match else ""


def _tail_end(text: str, position: int) -> int:
    """Where the comments behind `position` on its line end."""
    match = _TAIL.match(text, position)
    return match.end() if match else position


def _blanks_end(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    return match.end() if match else position
