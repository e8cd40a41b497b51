"""What a change of some keys makes of the config's files: the new texts, or why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyjson5

from clawfleet.config.edit import set_value, unset_value
from clawfleet.config.env import Instance
from clawfleet.config.guard import WouldLose, check_keeps, check_mode, check_size, merged
from clawfleet.config.include import KEY, Home
from clawfleet.config.layout import Json5Syntax
from clawfleet.config.load import Snapshot, check_text
from clawfleet.config.path import KeyPath, look_up
from clawfleet.config.plan import differing
from clawfleet.config.read import DEFAULT_TREE, ConfigInvalid, Issue, expanded, includes_of, parse_text
from clawfleet.config.roster import written, written_path
from clawfleet.config.shape import Shape, root_shape, shape_at
from clawfleet.config.write import change_files
from clawfleet.core.errors import RequestError

Mode = Literal["guarded", "merge", "replace", "patch"]
"""`guarded` refuses to lose entries of protected maps, and much of the file; `patch` only to lose gateway.mode."""

_MEANT = " Use --replace if that is meant."


class NotJson(RequestError):
    """A value that had to be JSON is not."""

    code = "NOT_JSON"
    exit_code = 1


class ChangeInvalid(RequestError):
    """The file would not be valid after the change."""

    code = "CONFIG_CHANGE_INVALID"
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Edit:
    """One key to set to `value`, or with `removes` to take out."""

    path: KeyPath
    value: object = None
    removes: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """What a change makes of the config file (`text`) and of the files that it includes (`beside`).

    `standing` are issues that the config had before and still has. `before` and `after` are what it means, None where
    it means nothing yet.
    """

    text: str
    standing: tuple[Issue, ...]
    before: Snapshot | None
    after: Snapshot | None
    beside: Mapping[Path, str] = field(default_factory=dict)


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

    Raises WouldLose, CannotSet, ChangeInvalid, WouldFlatten for what several files hold together, and ConfigInvalid
    when the file is not JSON5.
    """
    return plan_edits(instance, old, [Edit(path, value)], mode)


def plan_unset(instance: Instance, old: str, path: KeyPath) -> Planned:
    """The file without what is at `path`. Raises NotSet, ChangeInvalid, WouldFlatten, and ConfigInvalid."""
    return plan_edits(instance, old, [Edit(path, removes=True)])


def plan_edits(
    instance: Instance, old: str | None, edits: Sequence[Edit], mode: Mode = "guarded", *, run_programs: bool = False
) -> Planned:
    """The files after several changes, made in their order and checked at the end. Raises as `plan_set` does.

    What an included file holds is changed there. With `run_programs` secrets that a program hands out are checked too.
    """
    before = new_file_text() if old is None else old
    files = _Files(instance, before)
    for edit in edits:
        if edit.removes:
            files.unset(edit.path)
        else:
            files.set(edit.path, edit.value, mode)
    if mode in ("guarded", "patch"):
        files.check_whole(before, [edit.path for edit in edits if edit.removes], size=mode == "guarded")
    return _planned(instance, before, files, run_programs=run_programs)


def plan_text(instance: Instance, old: str | None, text: str) -> Planned:
    """Another text as the config file. Raises ChangeInvalid, ConfigInvalid."""
    files = _Files(instance, text)
    return _planned(instance, "{}" if old is None else old, files, run_programs=False)


def plan_rewrite(instance: Instance, old: str | None, rewrite: Callable[[str], str]) -> Mapping[Path, str]:
    """The files after `rewrite` of the whole config, unchecked: of the file's text, or of the tree that it includes.

    Raises what `rewrite` raises, and WouldFlatten.
    """
    text = new_file_text() if old is None else old
    if KEY not in text:
        return {instance.config_path: rewrite(text)}
    source = expanded(instance, text)
    new = parse_text(rewrite(json.dumps(source)), instance.config_path)
    files = _Files(instance, text)
    for path, value, is_gone in differing(source, new):
        if is_gone:
            files.unset(path)
        else:
            files.set(path, value, "replace")
    return {instance.config_path: files.text, **files.beside}


def carry_out(instance: Instance, plan: Callable[[str | None], Planned]) -> tuple[bool, Planned]:
    """Whether the planned change made another config, then on disk; and the plan.

    Raises what `plan` and `change_files` raise; then nothing is written.
    """
    done: list[Planned] = []

    def change(old: str | None) -> Mapping[Path, str]:
        planned = plan(old)
        done.append(planned)
        return {instance.config_path: planned.text, **planned.beside}

    return change_files(instance.config_path, instance.environ, change), done[0]


class _Files:
    """The texts of a config while they are changed."""

    def __init__(self, instance: Instance, text: str) -> None:
        self._instance = instance
        self.text = text
        self.beside: dict[Path, str] = {}

    def set(self, path: KeyPath, value: object, mode: Mode) -> None:
        """Put `value` at `path`."""
        source = self._source()
        place, new = written(source, as_meant(path), value)
        if mode == "merge":
            new = merged(_value_at(source, place), new)
        home = self._home(place, removing=False)
        self._edit(home, lambda text: set_value(text, home.path, new))
        if mode == "guarded":
            check_keeps(source, self._source(), place)

    def unset(self, path: KeyPath) -> None:
        """Take out what is at `path`."""
        place = written_path(self._source(), as_meant(path))
        home = self._home(place, removing=True)
        self._edit(home, lambda text: unset_value(text, home.path))

    def check_whole(self, before: str, removed: Sequence[KeyPath], *, size: bool) -> None:
        """Raise WouldLose, with the text that it refuses, when the file as a whole loses too much."""
        old = parse_text(before, self._instance.config_path)
        try:
            if size and not removed:
                check_size(before, self.text)
            if not any(("gateway", "mode")[: len(path)] == path for path in removed):
                check_mode(old, parse_text(self.text, self._instance.config_path), _MEANT)
        except WouldLose as error:
            error.rejected = self.text
            raise

    def _source(self) -> Mapping[str, object]:
        return expanded(self._instance, self.text, self.beside)

    def _home(self, place: KeyPath, *, removing: bool) -> Home:
        includes = includes_of(self._instance, self.beside)
        tree = parse_text(self.text, self._instance.config_path)
        return includes.home_of(tree, place, removing=removing)

    def _edit(self, home: Home, edit: Callable[[str], str]) -> None:
        path = self._instance.config_path
        try:
            if home.file == path:
                self.text = edit(self.text)
            else:
                self.beside[home.file] = edit(includes_of(self._instance, self.beside).text_of(home.file))
        except Json5Syntax as error:  # where pyjson5 is more generous than the grammar that edits go by
            raise ConfigInvalid(path, (Issue("<root>", f"cannot be edited: {error}", error.line),)) from error


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


def _value_at(source: Mapping[str, object], path: KeyPath) -> object:
    try:
        return look_up(source, path)
    except KeyError:
        return None


def _planned(instance: Instance, before: str, files: _Files, *, run_programs: bool) -> Planned:
    """The change, when it brings no issue that was not there. Raises ChangeInvalid for those it brings."""
    old, known = _read(instance, before, {}, run_programs=run_programs)
    new, found = _read(instance, files.text, files.beside, run_programs=run_programs)
    known_texts = {(issue.path, issue.message) for issue in known}
    fresh = [issue for issue in found if (issue.path, issue.message) not in known_texts]
    if fresh:
        raise ChangeInvalid("Config validation failed: " + "; ".join(f"{i.path}: {i.message}" for i in fresh))
    return Planned(files.text, found, old, new, files.beside)


def _read(
    instance: Instance, text: str, beside: Mapping[Path, str], *, run_programs: bool
) -> tuple[Snapshot | None, tuple[Issue, ...]]:
    try:
        return check_text(instance, text, run_programs=run_programs, beside=beside), ()
    except ConfigInvalid as error:
        return None, error.issues
