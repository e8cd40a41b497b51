"""A config text whose failing keys are mended as far as that is beyond doubt; all else stays as it is written. Pure.

A mistyped key gets the name it must have meant, a key that nobody knows goes, a number or a flag in quotes loses them.
A change is only kept when it takes its error away and brings no other. Source: config-and-cli §2.5.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clawfleet.config.edit import NotSet, get_value, set_value, unset_value
from clawfleet.config.env import Instance
from clawfleet.config.layout import Json5Syntax, lay_out, locate
from clawfleet.config.load import check_text
from clawfleet.config.path import BadPath, KeyPath, parse_path, show_path
from clawfleet.config.read import ConfigInvalid, Issue, parse_text
from clawfleet.config.redacted import REDACTED, redacted
from clawfleet.core.errors import RequestError
from clawfleet.secrets.redact import MASK, Redactor

_UNKNOWN_KEY = re.compile(r'Unrecognized key: "(?P<key>.+?)"(?: \(did you mean "(?P<near>.+)"\?\))?')
_TEXT_FOR = re.compile(r"Invalid input: expected (?P<kind>number|int|integer|boolean|bool)\b.*received string")
_FLAGS = {"true": True, "false": False}
_KEY = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s:]+""")
MAX_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key that was mended, without secrets."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Repair:
    """The text after the mending, what was done, and what is still wrong with it."""

    text: str
    changes: tuple[KeyChange, ...]
    left: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class _Attempt:
    text: str
    changes: tuple[KeyChange, ...]


def repair(instance: Instance, text: str) -> Repair:
    """The mended text; the same text when there is nothing to mend, or nothing that can be mended."""
    changes: list[KeyChange] = []
    issues = _issues(instance, text)
    for _ in range(MAX_ROUNDS):
        better = next(_improvements(instance, text, issues), None)
        if better is None:
            break
        text = better.text
        changes += better.changes
        issues = _issues(instance, text)
    return Repair(text, tuple(changes), issues)


def masked_diff(old: str, new: str, name: str) -> str:
    """The difference as a unified diff, with every secret of both texts masked."""
    redactor = Redactor([*_secrets(old), *_secrets(new)])
    before, after = (redactor.redact(text).splitlines() for text in (old, new))
    lines = difflib.unified_diff(before, after, name, name, lineterm="", n=1)
    return "\n".join(lines)


def _improvements(instance: Instance, text: str, issues: tuple[Issue, ...]) -> Iterator[_Attempt]:
    known = {(issue.path, issue.message) for issue in issues}
    for issue in issues:
        for attempt in _attempts(text, issue):
            after = {(found.path, found.message) for found in _issues(instance, attempt.text)}
            if (issue.path, issue.message) not in after and after <= known:
                yield attempt


def _attempts(text: str, issue: Issue) -> Iterator[_Attempt]:
    """Texts in which this issue may be gone, best first."""
    try:
        path = () if issue.path == "<root>" else parse_path(issue.path)
        if match := _UNKNOWN_KEY.search(issue.message):
            yield from _known_instead(text, path, match["key"], match["near"])
        elif match := _TEXT_FOR.search(issue.message):
            yield from _unquoted(text, path, match["kind"])
    except (BadPath, NotSet, Json5Syntax, RequestError):
        return


def _known_instead(text: str, path: KeyPath, key: str, near: str | None) -> Iterator[_Attempt]:
    old = (*path, key)
    value = get_value(text, old)
    gone = KeyChange(show_path(old), _shown(value, old), "(removed)")
    if near and not _has(text, new := (*path, near)):
        there = KeyChange(show_path(new), "(unset)", _shown(value, new))
        yield _Attempt(_renamed(text, old, near), (gone, there))
    yield _Attempt(unset_value(text, old), (gone,))


def _renamed(text: str, path: KeyPath, name: str) -> str:
    """The text with another name for the key at `path`; its place, its value and the comments beside it stay."""
    member, _ = locate(lay_out(text), path)
    match = _KEY.match(text, member.start) if member else None
    if match is None:
        raise NotSet(f"Config path not found: {show_path(path)}")
    quote = text[match.start()] if text[match.start()] in "\"'" else ""
    return f"{text[: match.start()]}{quote}{name}{quote}{text[match.end() :]}"


def _unquoted(text: str, path: KeyPath, kind: str) -> Iterator[_Attempt]:
    value = get_value(text, path)
    if not isinstance(value, str):
        return
    meant = _FLAGS.get(value.strip().lower()) if kind.startswith("bool") else _number(value)
    if meant is not None:
        change = KeyChange(show_path(path), _shown(value, path), _shown(meant, path))
        yield _Attempt(set_value(text, path, meant), (change,))


def _number(text: str) -> int | float | None:
    try:
        return int(text) if re.fullmatch(r"\s*-?\d+\s*", text) else float(text)
    except ValueError:
        return None


def _has(text: str, path: KeyPath) -> bool:
    try:
        get_value(text, path)
    except NotSet:
        return False
    return True


def _shown(value: object, path: KeyPath) -> str:
    shown = redacted(value, path)
    return MASK if shown == REDACTED else json.dumps(shown, ensure_ascii=False)


def _issues(instance: Instance, text: str) -> tuple[Issue, ...]:
    try:
        check_text(instance, text, run_programs=False)
    except ConfigInvalid as error:
        return error.issues
    return ()


def _secrets(text: str) -> Iterator[str]:
    try:
        tree = parse_text(text, Path("openclaw.json"))
    except ConfigInvalid:
        return
    yield from secret_values(tree, redacted(tree))


def secret_values(tree: object, shown: object) -> Iterator[str]:
    """The texts of `tree` that are blacked out in `shown`, its redacted copy."""
    if isinstance(tree, Mapping) and isinstance(shown, Mapping):
        for key, value in tree.items():
            yield from secret_values(value, shown[key])
    elif isinstance(tree, list) and isinstance(shown, list):
        for value, seen in zip(tree, shown, strict=True):
            yield from secret_values(value, seen)
    elif isinstance(tree, str) and shown == REDACTED and tree != REDACTED:
        yield tree
