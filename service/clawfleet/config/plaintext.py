"""Secrets that stand in a config in plain text, and the variable that each might live in instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.redacted import REDACTED, redacted

_KNOWN = {
    "gateway.auth.token": "OPENCLAW_GATEWAY_TOKEN",
    "gateway.auth.password": "OPENCLAW_GATEWAY_PASSWORD",
    "channels.telegram.botToken": "TELEGRAM_BOT_TOKEN",
}


_SHORT_REF = re.compile(r"\$[A-Z][A-Z0-9_]{0,127}")
"""Another spelling of a variable, where a secret may stand."""


@dataclass(frozen=True, slots=True)
class PlainSecret:
    """A secret in plain text at `path`; `variable` is a name for it."""

    path: KeyPath
    variable: str


def plain_secrets(source: Mapping[str, object]) -> Iterator[PlainSecret]:
    """Every secret of a config tree, as it is written, that is no `${NAME}`."""
    for path in _places(source, redacted(source), ()):
        yield PlainSecret(path, variable_for(path))


def variable_for(path: KeyPath) -> str:
    """A name for the secret at `path`: the one that is read anyway, or one made of the path."""
    if known := _KNOWN.get(show_path(path)):
        return known
    names = [str(segment) for segment in path if isinstance(segment, str)]
    if names[:2] in (["env", "vars"], ["models", "providers"]):
        names = names[2:]
    elif names[:1] == ["env"]:
        names = names[1:]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", "_".join(names[-2:]))
    return re.sub(r"[^A-Z0-9_]", "_", words.upper()).lstrip("_0123456789") or "SECRET"


def _places(tree: object, shown: object, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(tree, Mapping) and isinstance(shown, Mapping):
        for key, value in tree.items():
            yield from _places(value, shown[key], (*path, key))
    elif isinstance(tree, list) and isinstance(shown, list):
        for index, value in enumerate(tree):
            yield from _places(value, shown[index], (*path, index))
    elif shown == REDACTED and tree != REDACTED and not (isinstance(tree, str) and _SHORT_REF.fullmatch(tree)):
        yield path
