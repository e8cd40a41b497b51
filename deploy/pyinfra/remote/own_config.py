"""Runs on a host with the release's Python: lays the keys that the fleet owns over a gateway's openclaw.json.

    own_config.py check CONFIG MODE FORCED...     prints `equal`, `differs` or what is wrong
    own_config.py write CONFIG MODE FORCED...     makes it so

MODE is `seed` (only a missing file is written), `merge` (keys that people wrote stay, comments too) or `managed` (the
file holds nothing else). Standard input has two lines of JSON: what the fleet owns now, and what it owned when it last
wrote (`{}` before that). When merging, a key that people changed since then keeps their value until the fleet's own
changes, unless it lies below one of FORCED (`*`: all); a key that the fleet owns no more is removed, unless people
gave it another value. Runs as the user that owns the file. Nothing of the content is ever printed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyjson5

from clawfleet.config.edit import CannotSet, NotSet, get_value, set_value, unset_value
from clawfleet.config.layout import Json5Syntax
from plainly import Plainly


@dataclass(frozen=True)
class Policy:
    """How the fleet's keys meet what is there."""

    mode: str = "merge"
    forced: tuple[str, ...] = ("*",)

    def forces(self, path: tuple[str, ...]) -> bool:
        """Whether the key wins over what people wrote."""
        dotted = ".".join(path)
        return any(top in {"*", dotted} or dotted.startswith(f"{top}.") for top in self.forced)


def main(verb: str, config: Path, policy: Policy) -> None:
    """See the module's first lines."""
    now, former = (json.loads(line) for line in sys.stdin.read().splitlines())
    before = config.read_text(encoding="utf-8") if config.is_file() else ""  # a pipe would be waited for
    try:
        after = wanted_text(before, now, former, policy)
    except (Json5Syntax, CannotSet) as error:
        raise SystemExit(f"{config}: {error}") from None
    as_wanted = after == before and not config.is_symlink() and config.stat().st_mode & 0o777 == 0o600
    if verb == "check":
        print("equal" if as_wanted and now == former else "differs")
    elif not as_wanted:
        replace(config, after)


def wanted_text(text: str, now: dict[str, Any], former: dict[str, Any], policy: Policy) -> str:
    """What the file shall say; the same text when it already does."""
    if not text.strip():
        return json.dumps(now, indent=2) + "\n"
    if policy.mode == "seed":
        return text
    if policy.mode == "managed":
        return text if says(text, now) else json.dumps(now, indent=2) + "\n"
    return laid_over(text, now, former, policy)


def says(text: str, now: dict[str, Any]) -> bool:
    """Whether the text means exactly that; one that is no JSON5 does not."""
    try:
        return bool(pyjson5.loads(text) == now)
    except pyjson5.Json5Exception:
        return False


def laid_over(text: str, now: dict[str, Any], former: dict[str, Any], policy: Policy) -> str:
    """The config's text with the owned keys at their values; the same text when it already says so."""
    wanted, before = dict(leaves(now)), dict(leaves(former))
    for path, value in before.items():
        if path not in wanted and holds(text, path, value):
            text = unset_value(text, path)
    for path, value in wanted.items():
        is_peoples = path in before and before[path] == value and is_there(text, path) and not policy.forces(path)
        text = text if is_peoples else set_value(text, path, value)
    return text


def is_there(text: str, path: tuple[str, ...]) -> bool:
    """Whether the config has the key at all."""
    try:
        get_value(text, path)
    except NotSet:
        return False
    return True


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
        main(sys.argv[1], Path(sys.argv[2]), Policy(sys.argv[3], tuple(sys.argv[4:])))
