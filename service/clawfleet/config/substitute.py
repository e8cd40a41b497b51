"""`${NAME}` in the strings of the config file. Source: the table of config-and-cli §2.3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from clawfleet.config.path import KeyPath

if TYPE_CHECKING:
    from pydantic import SecretStr

_STAND_IN = re.compile(r"\$\{(secret [a-z]+:[^}]*)\}")
_VARIABLE = re.compile(r"\$(\$?)\{([A-Z_][A-Z0-9_]*)\}")


def substitute(tree: object, environ: Mapping[str, str]) -> tuple[object, list[tuple[KeyPath, str]]]:
    """The tree with variables put in, and (path, name) of those that are missing or empty: they stay as written.

    `$${NAME}` means the literal `${NAME}`. There are no defaults (`${A:-b}`) and no lower-case names.
    """
    missing: list[tuple[KeyPath, str]] = []
    return _walk(tree, (), environ, missing), missing


def unresolved(value: str | SecretStr | None) -> str | None:
    """The name of the first variable that a loaded value still waits for; None when the value can be used.

    For consumers of secrets: a key that still reads `${OPENAI_API_KEY}` must not be sent anywhere.
    """
    if value is None:
        return None
    text = value if isinstance(value, str) else value.get_secret_value()
    if match := _STAND_IN.search(text):
        return match[1]
    match = _VARIABLE.search(text)
    return match[2] if match else None


def stand_in(source: str, ref: str, name: str) -> str:
    """What stands in place of a secret that cannot be had, for `unresolved` to find."""
    return f"${{{name}}}" if source == "env" else f"${{secret {ref.replace('}', '')}}}"


def mend_of(name: str) -> str:
    """What gives a value what `unresolved` named, ready to be done."""
    if name.startswith("secret "):
        return "openclaw config validate says why it cannot be had"
    return f"write {name}=… into .env in the state directory"


def lacking(path: str, name: str) -> str:
    """That the value at `path` waits for what `unresolved` named."""
    if name.startswith("secret "):
        return f"{path} needs the {name}, which cannot be had (openclaw config validate says why)"
    return f"{path} needs {name}; not set in process env, <stateDir>/.env or env.vars"


def _walk(node: object, path: KeyPath, environ: Mapping[str, str], missing: list[tuple[KeyPath, str]]) -> object:
    if isinstance(node, str):
        return _resolved(node, path, environ, missing) if "${" in node else node
    if isinstance(node, Mapping):
        return {key: _walk(item, (*path, str(key)), environ, missing) for key, item in node.items()}
    if isinstance(node, list):
        return [_walk(item, (*path, index), environ, missing) for index, item in enumerate(node)]
    return node


def _resolved(text: str, path: KeyPath, environ: Mapping[str, str], missing: list[tuple[KeyPath, str]]) -> str:
    def one(match: re.Match[str]) -> str:
        escaped, name = match.groups()
        if escaped:
            return f"${{{name}}}"
        if value := environ.get(name):
            return value
        missing.append((path, name))
        return match[0]

    return _VARIABLE.sub(one, text)
