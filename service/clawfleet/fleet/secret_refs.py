"""Where a secret comes from, as written in the fleet file. Parsing only; the recipes resolve on the control machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast

Source = Literal["env", "file", "age", "sops", "op", "exec", "generate"]

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OP = re.compile(r"op://[^/\s]+/[^/\s]+/[^\s]+")
_FORMS = "env:NAME, file:path#KEY, age:path#KEY, sops:path#KEY, op://vault/item/field, generate:hex32 or {exec: {…}}"
_EXEC_KEYS = frozenset({"command", "args", "passEnv", "timeoutS", "json"})


@dataclass(frozen=True, slots=True)
class SecretRef:
    """One source of one value (deploy §6).

    `env`: `key` is the variable. `file`, `age`, `sops`: `path` relative to the fleet file, `key` inside it.
    `op`: `path` is the whole address. `exec`: `words` is a command, absolute; `key` picks from the JSON it prints.
    `generate`: 32 random bytes as hex, made once and kept in the operator's secrets file.
    """

    source: Source
    key: str = ""
    path: str = ""
    words: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = ()
    timeout_s: float = 10

    def __str__(self) -> str:
        match self.source:
            case "env":
                return f"env:{self.key}"
            case "generate":
                return "generate:hex32"
            case "op":
                return self.path
            case "exec":
                return f"exec:{self.words[0]}"
        return f"{self.source}:{self.path}#{self.key}"


def parse_secret_ref(text: object) -> SecretRef:
    """The reference that `text` writes. Raises ValueError, without repeating the text: it may be a pasted secret."""
    if isinstance(text, SecretRef):
        return text
    if isinstance(text, dict) and set(text) == {"exec"} and isinstance(text["exec"], dict):
        return _command(text["exec"])
    source, _, rest = text.partition(":") if isinstance(text, str) else ("", "", "")
    if source == "env" and _ENV_NAME.fullmatch(rest):
        return SecretRef("env", key=rest)
    if source == "generate" and rest == "hex32":
        return SecretRef("generate")
    if source == "op" and _OP.fullmatch(str(text)):
        return SecretRef("op", path=str(text))
    if source in {"file", "age", "sops"}:
        path, _, key = rest.partition("#")
        if path and _ENV_NAME.fullmatch(key):
            return SecretRef(cast("Source", source), key=key, path=path)
    raise ValueError(f"a secret is written as a reference, never as its value: {_FORMS}")


def _command(given: dict[str, Any]) -> SecretRef:
    command, args, passed = given.get("command"), given.get("args", []), given.get("passEnv", [])
    if not set(given) <= _EXEC_KEYS:
        raise ValueError(f"exec knows {', '.join(sorted(_EXEC_KEYS))}")
    if not isinstance(command, str) or not command.startswith("/"):
        raise ValueError("exec.command is the absolute path of a program")
    if not all(isinstance(each, list) and all(isinstance(word, str) for word in each) for each in (args, passed)):
        raise ValueError("exec.args and exec.passEnv are lists of text")
    timeout, key = given.get("timeoutS", 10), given.get("json", "")
    if not isinstance(timeout, int | float) or not 0 < timeout <= 300 or not isinstance(key, str):
        raise ValueError("exec.timeoutS is a number of seconds up to 300, exec.json a key of what the program prints")
    return SecretRef("exec", key=key, words=(command, *args), pass_env=tuple(passed), timeout_s=timeout)
