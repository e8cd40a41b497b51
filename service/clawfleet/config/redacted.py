"""A config tree that may be shown: what is secret is replaced, `${NAME}` stays readable.

Judged by the names of keys, so that it also holds for sections that this gateway does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.substitute import unresolved
from clawfleet.core.errors import RequestError

REDACTED = "__OPENCLAW_REDACTED__"
"""What stands in place of a secret; clients send it back unchanged when they edit a config."""

_SECRET_KEY = re.compile(
    r"token|password|passphrase|secret|credentials?|authorization|cookie|serviceaccount|nsec"
    r"|.*(?:api|private|secret|access|auth|signing|encryption)_?-?key|key"
    r"|.*[a-z0-9_-](?:token|password|secret)",
    re.IGNORECASE,
)
_SECRET_VARIABLE = re.compile(r".*(?:KEY|TOKEN|SECRET|PASS|PASSWORD|PASSPHRASE|CREDENTIALS?|AUTH|DSN)", re.IGNORECASE)
_LOGIN_IN_URL = re.compile(r"://[^/@\s]+:[^/@\s]+@")
_OPEN_HEADER = re.compile(
    r"accept(?:-.*)?|content-type|user-agent|referer|http-referer|host|origin|x-title|x-openrouter-title"
    r"|anthropic-(?:beta|version)|openai-(?:beta|organization|project)|x-stainless-.*",
    re.IGNORECASE,
)
"""Headers that hold no secret; any other one may be what shows a server who asks."""
_VARIABLE_MAPS = frozenset({"vars", "env"})


def redacted(tree: Any, path: KeyPath = ()) -> Any:
    """A copy of `tree` without secrets. `path` is where in the config file it was found."""
    if isinstance(tree, Mapping):
        return {key: redacted(value, (*path, key)) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [redacted(value, (*path, index)) for index, value in enumerate(tree)]
    return REDACTED if _is_secret(tree, path) else tree


class NothingBehind(RequestError):
    """A config comes back with the marker where there is no secret that it could stand for."""

    code = "REDACTED_VALUE_UNKNOWN"

    def __init__(self, path: KeyPath) -> None:
        super().__init__(
            f"{show_path(path)} is {REDACTED}, and there is no value that it could stand for",
            hint="send the value itself",
        )


def restored(tree: Any, known: Any, path: KeyPath = ()) -> Any:
    """A copy of `tree` with what `known` has in every place where the marker stands. Raises `NothingBehind`.

    Items of lists that have an `id` are found again by it, others by their place.
    """
    if isinstance(tree, Mapping):
        below = known if isinstance(known, Mapping) else {}
        return {key: restored(value, below.get(key), (*path, key)) for key, value in tree.items()}
    if isinstance(tree, list):
        rows = known if isinstance(known, list) else []
        return [restored(item, _same_item(item, index, rows), (*path, index)) for index, item in enumerate(tree)]
    if tree != REDACTED:
        return tree
    if known is None or isinstance(known, Mapping | list):
        raise NothingBehind(path)
    return known


def _same_item(item: object, index: int, rows: Sequence[Any]) -> Any:
    name = item.get("id") if isinstance(item, Mapping) else None
    if name is not None:
        return next((row for row in rows if isinstance(row, Mapping) and row.get("id") == name), None)
    return rows[index] if index < len(rows) else None


def _is_secret(value: object, path: KeyPath) -> bool:
    if isinstance(value, bool) or value is None or value == "":
        return False
    if isinstance(value, str):
        if unresolved(value) and _is_only_variable(value):
            return False
        if _LOGIN_IN_URL.search(value):
            return True
    names = [segment for segment in path if isinstance(segment, str)]
    return bool(names) and is_secret_name(names[-1], names[-2] if len(names) > 1 else "")


def is_secret_name(name: str, section: str = "") -> bool:
    """Whether the key `name` of the object `section` holds a secret."""
    if section in _VARIABLE_MAPS:
        return bool(_SECRET_VARIABLE.fullmatch(name))
    if section == "headers":
        return not _OPEN_HEADER.fullmatch(name)
    if section == "auth" and name == "value":
        return True
    return bool(_SECRET_KEY.fullmatch(name))


def _is_only_variable(value: str) -> bool:
    return value.startswith("${") and value.endswith("}") and value.count("${") == 1
