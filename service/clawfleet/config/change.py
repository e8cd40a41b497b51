"""What `config set` and `config unset` would write: the new text, or why not. Nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyjson5

from clawfleet.config.edit import set_value, unset_value
from clawfleet.config.env import Instance
from clawfleet.config.guard import check_keeps, check_size, merged
from clawfleet.config.layout import Json5Syntax
from clawfleet.config.load import DEFAULT_TREE, ConfigInvalid, Issue, Snapshot, check_text, parse_text
from clawfleet.config.path import KeyPath, look_up
from clawfleet.config.roster import written, written_path
from clawfleet.config.shape import Shape, root_shape, shape_at
from clawfleet.core.errors import RequestError

Mode = Literal["guarded", "merge", "replace"]


class NotJson(RequestError):
    """A value that had to be JSON is not."""

    code = "NOT_JSON"
    exit_code = 1


class ChangeInvalid(RequestError):
    """The file would not be valid after the change."""

    code = "CONFIG_CHANGE_INVALID"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Planned:
    """The text after a change. `standing` are issues that the file had before and still has.

    `before` and `after` are what the file means, None where it means nothing yet.
    """

    text: str
    standing: tuple[Issue, ...]
    before: Snapshot | None
    after: Snapshot | None


def parse_value(text: str, path: KeyPath, *, strict: bool) -> object:
    """A typed value: JSON5, else the text itself. `strict` wants JSON and raises NotJson.

    Where only text can be meant, `12345` is text.
    """
    if strict:
        try:
            return json.loads(text)
        except ValueError:
            raise NotJson(
                f'Could not parse "{text}" as JSON for --strict-json. Quote strings inside the value, '
                """for example '"text"', or leave the flag out."""
            ) from None
    try:
        value: object = pyjson5.decode(text)
    except pyjson5.Json5Exception:
        return text
    shape = shape_at(path)
    if shape is not None and shape.takes_only_text and not isinstance(value, str | dict | list) and value is not None:
        return text
    return value


def plan_set(instance: Instance, old: str | None, path: KeyPath, value: object, mode: Mode = "guarded") -> Planned:
    """The file with `value` at `path`. Without a file it starts from the built-in config.

    Raises WouldLose, CannotSet, ChangeInvalid, and ConfigInvalid when the file is not JSON5.
    """
    before = new_file_text() if old is None else old
    source = parse_text(before, instance.config_path)
    place, new = written(source, as_meant(path), value)
    if mode == "merge":
        new = merged(_value_at(source, place), new)
    text = _edited(instance, lambda: set_value(before, place, new))
    if mode == "guarded":
        check_keeps(source, parse_text(text, instance.config_path), place)
        check_size(before, text)
    return _planned(instance, before, text)


def plan_unset(instance: Instance, old: str, path: KeyPath) -> Planned:
    """The file without what is at `path`. Raises NotSet, ChangeInvalid, and ConfigInvalid when it is not JSON5."""
    place = written_path(parse_text(old, instance.config_path), as_meant(path))
    return _planned(instance, old, _edited(instance, lambda: unset_value(old, place)))


def as_meant(path: KeyPath) -> KeyPath:
    """A path with numbers for items of lists and text for keys of maps, however it was typed: `groups[-100]`."""
    meant: list[str | int] = []
    shape: Shape | None = root_shape()
    for segment in path:
        kind = shape.kind if shape else None
        if kind == "map":
            meant.append(str(segment))
        elif kind == "list" and isinstance(segment, str) and segment.isascii() and segment.isdigit():
            meant.append(int(segment))
        else:
            meant.append(segment)
        shape = shape.child(segment) if shape else None
    return tuple(meant)


def new_file_text() -> str:
    """What the first written config starts from: what ran until then."""
    return json.dumps(DEFAULT_TREE, indent=2) + "\n"


def _edited(instance: Instance, edit: Callable[[], str]) -> str:
    """The edited text. Raises ConfigInvalid where pyjson5 is more generous than the grammar that edits go by."""
    try:
        return edit()
    except Json5Syntax as error:
        issue = Issue("<root>", f"cannot be edited: {error}", error.line)
        raise ConfigInvalid(instance.config_path, (issue,)) from error


def _value_at(source: Mapping[str, object], path: KeyPath) -> object:
    try:
        return look_up(source, path)
    except KeyError:
        return None


def _planned(instance: Instance, before: str, after: str) -> Planned:
    """The change, when it brings no issue that was not there. Raises ChangeInvalid for those it brings."""
    old, known = _read(instance, before)
    new, found = _read(instance, after)
    known_texts = {(issue.path, issue.message) for issue in known}
    fresh = [issue for issue in found if (issue.path, issue.message) not in known_texts]
    if fresh:
        raise ChangeInvalid("Config validation failed: " + "; ".join(f"{i.path}: {i.message}" for i in fresh))
    return Planned(after, found, old, new)


def _read(instance: Instance, text: str) -> tuple[Snapshot | None, tuple[Issue, ...]]:
    try:
        return check_text(instance, text), ()
    except ConfigInvalid as error:
        return None, error.issues
