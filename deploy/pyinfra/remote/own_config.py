"""Runs on a host with the release's Python: lays the keys that the fleet owns over a gateway's openclaw.json.

    own_config.py check CONFIG     prints `equal`, `differs` or what is wrong
    own_config.py write CONFIG     makes it so; keys that people wrote stay, comments too

Standard input has two lines of JSON: what the fleet owns now, and what it owned when it last wrote (`{}` before that).
A key that the fleet owns no more is removed, unless people gave it another value. Runs as the user that owns the
file. Nothing of the content is ever printed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clawfleet.config.edit import CannotSet, NotSet, get_value, set_value, unset_value
from clawfleet.config.layout import Json5Syntax
from plainly import Plainly


def main(verb: str, config: Path) -> None:
    """See the module's first lines."""
    now, former = (json.loads(line) for line in sys.stdin.read().splitlines())
    before = config.read_text(encoding="utf-8") if config.exists() else ""
    try:
        after = laid_over(before, now, former)
    except (Json5Syntax, CannotSet) as error:
        raise SystemExit(f"{config}: {error}") from None
    as_wanted = after == before and not config.is_symlink() and config.stat().st_mode & 0o777 == 0o600
    if verb == "check":
        print("equal" if as_wanted and now == former else "differs")
    elif not as_wanted:
        replace(config, after)


def laid_over(text: str, now: dict[str, Any], former: dict[str, Any]) -> str:
    """The config's text with every owned key at its value; the same text when it already says so."""
    if not text.strip():
        return json.dumps(now, indent=2) + "\n"
    wanted = dict(leaves(now))
    for path, value in leaves(former):
        if path not in wanted and holds(text, path, value):
            text = unset_value(text, path)
    for path, value in wanted.items():
        text = set_value(text, path, value)
    return text


def holds(text: str, path: tuple[str, ...], value: object) -> bool:
    """Whether the config has that very value there."""
    try:
        return get_value(text, path) == value
    except NotSet:
        return False


def leaves(tree: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, value) of everything that is not a filled object; lists are values."""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def replace(config: Path, text: str) -> None:
    """Writes the file in one step, owner-only, and keeps the former one as `.bak`."""
    fresh = config.with_name(f".{config.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if config.exists():
        backup = config.with_name(f"{config.name}.bak")
        backup.unlink(missing_ok=True)
        os.link(config, backup)
    fresh.replace(config)


if __name__ == "__main__":
    with Plainly():
        main(sys.argv[1], Path(sys.argv[2]))
