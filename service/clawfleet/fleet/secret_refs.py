"""Where a secret comes from, as written in the fleet file. Parsing only; the recipes resolve on the control machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMS = "env:NAME, file:path#KEY or generate:hex32"


@dataclass(frozen=True, slots=True)
class SecretRef:
    """One source of one value (deploy §6).

    `env`: `key` is the variable. `file`: `path` relative to the fleet file, `key` inside it.
    `generate`: 32 random bytes as hex, made once and kept in the operator's secrets file.
    """

    source: Literal["env", "file", "generate"]
    key: str = ""
    path: str = ""

    def __str__(self) -> str:
        if self.source == "env":
            return f"env:{self.key}"
        return "generate:hex32" if self.source == "generate" else f"file:{self.path}#{self.key}"


def parse_secret_ref(text: object) -> SecretRef:
    """The reference that `text` writes. Raises ValueError, without repeating the text: it may be a pasted secret."""
    if isinstance(text, SecretRef):
        return text
    source, _, rest = text.partition(":") if isinstance(text, str) else ("", "", "")
    if source == "env" and _ENV_NAME.fullmatch(rest):
        return SecretRef("env", key=rest)
    if source == "generate" and rest == "hex32":
        return SecretRef("generate")
    if source == "file":
        path, _, key = rest.partition("#")
        if path and _ENV_NAME.fullmatch(key):
            return SecretRef("file", key=key, path=path)
    raise ValueError(f"a secret is written as a reference, never as its value: {_FORMS}")
