"""Secrets out of a file that only its owner may read. Source: config-and-cli §8."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Literal

from clawfleet.secrets.refs import WHOLE_FILE


class SecretUnavailable(Exception):
    """A secret cannot be had, in words that hold nothing of it."""


def read_secret_file(path: Path, *, mode: Literal["json", "singleValue"], max_bytes: int) -> object:
    """What a file holds: its JSON, or its text without the line end. Raises SecretUnavailable.

    It must be a regular file of this user or of root, not reached through a link, and nobody else's to read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise SecretUnavailable(f"cannot read {path}: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if why := _unsafe(status):
            raise SecretUnavailable(f"{path} {why}")
        if status.st_size > max_bytes:
            raise SecretUnavailable(f"{path} is larger than {max_bytes} bytes")
        with os.fdopen(handle, "rb", closefd=False) as file:
            raw = file.read(max_bytes)
    finally:
        os.close(handle)
    try:
        text = raw.decode("utf-8")
        return text.rstrip("\r\n") if mode == "singleValue" else json.loads(text)
    except ValueError:
        raise SecretUnavailable(f"{path} is not {'UTF-8 text' if mode == 'singleValue' else 'JSON'}") from None


def pick(content: object, pointer: str, *, mode: Literal["json", "singleValue"]) -> str:
    """The secret at an RFC 6901 pointer in what a file holds. Raises SecretUnavailable."""
    if mode == "singleValue":
        if pointer != WHOLE_FILE:
            raise SecretUnavailable(f'a file of mode singleValue has the one id "{WHOLE_FILE}"')
        return _usable(content)
    if pointer == WHOLE_FILE:
        return _usable(content)
    node = content
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isascii() and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            raise SecretUnavailable(f"the file has nothing at {pointer}")
    return _usable(node)


def _usable(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise SecretUnavailable("what is there is not a text, or is empty")
    return value


def _unsafe(status: os.stat_result) -> str | None:
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if status.st_nlink > 1:
        return "has several names (hard links)"
    if status.st_uid not in (os.geteuid(), 0):
        return "belongs to another user"
    if status.st_mode & 0o077:
        return "may be read or changed by others; chmod 600 it"
    return None
