"""A `SecretRef`: where a secret is kept, instead of the secret. Pure. Source: config-and-cli §8."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SOURCES = ("env", "file", "exec", "store")
DEFAULT_PROVIDER = "default"
WHOLE_FILE = "value"
"""The id of the one secret that a file of mode `singleValue` holds."""

_PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,127}")
_SHORT = re.compile(r"\$([A-Z][A-Z0-9_]{0,127})")
_EXEC_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}")
_WORDS = {
    "env": "a variable name such as OPENAI_API_KEY",
    "store": "a name such as OPENAI_API_KEY",
    "file": 'a JSON pointer such as "/providers/openai", or "value"',
    "exec": "letters, digits and . _ : / # -, without . or .. between slashes",
}


class BadRef(ValueError):
    """What stands where a SecretRef may stand is none, in words for the operator."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """One secret: `id` names it among those of `provider`, which is of the kind `source`."""

    source: str
    provider: str
    id: str

    def __str__(self) -> str:
        return f"{self.source}:{self.provider}:{self.id}"


def read_ref(value: object, defaults: Mapping[str, str]) -> SecretRef | None:
    """The ref that `value` is; None when it is plain text. `defaults` names the provider of each source.

    The text `$NAME` means a variable. Raises BadRef.
    """
    if isinstance(value, str):
        match = _SHORT.fullmatch(value)
        return SecretRef("env", defaults.get("env", DEFAULT_PROVIDER), match[1]) if match else None
    if not isinstance(value, Mapping):
        return None
    source = value.get("source")
    if source not in SOURCES:
        allowed = ", ".join(f'"{word}"' for word in SOURCES)
        raise BadRef(f"Invalid SecretRef: source must be one of {allowed}")
    provider = value.get("provider", defaults.get(source, DEFAULT_PROVIDER))
    if not isinstance(provider, str) or not _PROVIDER.fullmatch(provider):
        raise BadRef("Invalid SecretRef: provider must be lower-case letters, digits, _ and -, at most 64")
    name = value.get("id")
    if not isinstance(name, str) or not _is_id(source, name):
        raise BadRef(f"Invalid SecretRef: id must be {_WORDS[source]}")
    if extra := [key for key in value if key not in ("source", "provider", "id")]:
        raise BadRef(f'Invalid SecretRef: Unrecognized key: "{extra[0]}"')
    return SecretRef(source, provider, name)


def _is_id(source: str, name: str) -> bool:
    if source == "file":
        return name == WHOLE_FILE or name.startswith("/")
    if source == "exec":
        return bool(_EXEC_ID.fullmatch(name)) and not {".", ".."} & set(name.split("/"))
    return bool(_VARIABLE.fullmatch(name))
