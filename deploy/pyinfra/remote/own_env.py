"""Runs on a host: a gateway's `.env`, of which the fleet owns the variables that it knows. Standard library only.

    own_env.py check ENV NAME...    how the file is, as JSON; no value is ever printed
    own_env.py write ENV NAME...    the fleet's lines on standard input, and behind them what others put into the file

Runs as the user that owns the file. A variable that the fleet does not know may have lines of its own: a quoted value
that goes over several of them stays whole, and bytes that are no UTF-8 stay as they are.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Collection
from pathlib import Path

from plainly import Plainly

ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)", re.DOTALL)


def main(verb: str, env: Path, names: Collection[str]) -> None:
    """See the module's first lines."""
    text = env.read_text(encoding="utf-8", errors="surrogateescape") if env.is_file() and not env.is_symlink() else None
    known, others = split(text or "", names)
    if verb == "write":
        replace(env, sys.stdin.read() + "".join(others.values()))
    elif text is not None:
        digests = {"whole": digest(text), "known": digest(known)}
        print(json.dumps({"mode": f"{env.stat().st_mode & 0o777:o}", "unknown": sorted(others), **digests}))


def split(text: str, names: Collection[str]) -> tuple[str, dict[str, str]]:
    """The lines of the variables that are known, and those of each other one; comments belong to nobody."""
    known, others = "", dict[str, str]()
    owner, quote = "", ""
    for line in text.splitlines(keepends=True):
        if not quote:
            found = ASSIGNMENT.match(line)
            owner = found[1] if found else ""
            quote = open_quote(found[2]) if found else ""
        elif quote in line:
            quote = ""
        ended = line if line.endswith("\n") else f"{line}\n"
        if owner in names:
            known += ended
        elif owner:
            others[owner] = others.get(owner, "") + ended
    return known, others


def open_quote(value: str) -> str:
    """The quote that a value begins with and that its line does not close."""
    first = value[:1]
    return first if first and first in "\"'`" and first not in value[1:] else ""


def digest(text: str) -> str:
    """The hash of a text."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def replace(env: Path, text: str) -> None:
    """Writes the file in one step; nobody else can read it at any moment."""
    fresh = env.with_name(f".{env.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    fresh.replace(env)


if __name__ == "__main__":
    with Plainly():
        main(sys.argv[1], Path(sys.argv[2]), set(sys.argv[3:]))
