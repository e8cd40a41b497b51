"""Runs on a host, as root: makes a gateway that somebody installed by hand one of the fleet. Standard library only.

    adoption.py look SPEC     the files of such a gateway, one a line; nothing where there is none
    adoption.py take SPEC     keeps copies of them, and takes over what its unit had in its environment

The copies lie in `before-fleet` below the state dir, for people. They also become what the recipes put back when the
gateway does not come up as the fleet's: then it runs as it did before.
"""

from __future__ import annotations

import contextlib
import json
import plistlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import audit
import kept
from machine import Unit, as_user
from obstacles import is_ours
from plainly import Plainly

FOLDER = "before-fleet"
PLIST = (b"<?xml", b"bplist")
OF_THE_UNIT = re.compile(r"OPENCLAW_.*|NODE_.*|HOME|PATH|USER|LOGNAME|SHELL|TMPDIR|LANG|LC_.*|XDG_.*")
"""Variables that every unit of a gateway has; the fleet's has its own."""

BESIDE = 'umask 077 && mkdir -p "$0" && cat >"$0/$1"'
APPEND = 'umask 077 && { [ ! -s "$0" ] || [ -z "$(tail -c 1 "$0")" ] || echo >>"$0"; } && cat >>"$0"'


def look(spec: dict[str, Any]) -> list[str]:
    """Paths of what was made by hand; none once the gateway is the fleet's."""
    if is_ours(spec):
        return []
    return [path for path, _, _ in spec["files"] if Path(path).is_file()]


def take(spec: dict[str, Any]) -> dict[str, Any]:
    """Keeps what is there and imports its variables; the report names them, never a value.

    What could not be put back is not taken over.
    """
    found = [row for row in spec["files"] if Path(row[0]).is_file()]
    contents = {path: content for path, owner, _ in found if (content := kept.read_as(owner, path)) is not None}
    if unread := [path for path, _, _ in found if path not in contents]:
        what = f"{spec['id']}: {', '.join(unread)} cannot be read by who owns it, and could not be put back"
        raise SystemExit(f"{what}: chmod u+r, or move it away")
    shelf = Path(spec["records"]) / "previous"
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    Path(spec["records"]).chmod(0o700)
    for index, (path, content) in enumerate(contents.items()):
        kept.write_private(shelf / str(index), content)
        words = ["sh", "-c", BESIDE, f"{spec['stateDir']}/{FOLDER}", Path(path).name]
        subprocess.run(as_user(spec["user"], words), input=content, check=True, cwd="/")
    runs = Unit(spec).show().get("ActiveState") in {"active", "activating", "deactivating"}
    stamp = {"applied": "by hand", "files": found, "enabled": runs, "link": None, "target": None}
    kept.write_private(shelf / "stamp.json", json.dumps({**stamp, "release": None, "version": None}).encode())
    imported = import_variables(spec, contents.get(spec["files"][0][0], b""))
    audit.note("adopt", by=spec.get("by", ""), id=spec["id"], variables=imported)
    return {"id": spec["id"], "outcome": "adopted", "files": [path for path, _, _ in found], "imported": imported}


def import_variables(spec: dict[str, Any], unit: bytes) -> list[str]:
    """Adds to `.env` what the unit had in its environment and neither `.env` nor the fleet has; the names."""
    env = kept.read_as(spec["user"], spec["env"]) or b""
    there = {
        line.partition("=")[0].removeprefix("export ").strip() for line in env.decode(errors="replace").splitlines()
    }
    wanted = {
        name: value
        for name, value in environment(unit, spec)
        if not OF_THE_UNIT.fullmatch(name) and name not in there and name not in spec["own"] and is_plain(value)
    }
    if wanted:
        lines = "".join(f"{name}='{value}'\n" for name, value in wanted.items())
        subprocess.run(
            as_user(spec["user"], ["sh", "-c", APPEND, spec["env"]]), input=lines.encode(), check=True, cwd="/"
        )
    return sorted(wanted)


def is_plain(value: str) -> bool:
    """Whether a single-quoted line of `.env` can hold the value."""
    return bool(value) and not any(char in "'\n\r\0" for char in value)


def environment(unit: bytes, spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The variables that a unit or a launchd list sets, those of files that come with it included."""
    if unit.startswith(PLIST):
        yield from plistlib.loads(unit).get("EnvironmentVariables", {}).items()
        beside = kept.read_as(spec["user"], f"{spec['stateDir']}/service-env/{spec['unit']}.env") or b""
        yield from assignments(lines_of(beside))
        return
    for line in unit.decode(errors="replace").splitlines():
        key, _, value = line.strip().partition("=")
        if key == "Environment":
            with contextlib.suppress(ValueError):  # an open quote: systemd ignores the line too
                yield from assignments(shlex.split(value.replace("%%", "%")))
        elif key == "EnvironmentFile":
            reader = "root" if spec["scope"] == "system" else spec["user"]  # as its service manager reads it
            yield from assignments(lines_of(kept.read_as(reader, value.removeprefix("-")) or b""))


def lines_of(text: bytes) -> Iterator[str]:
    """The assignments of a file with one in each line."""
    rows = (row.strip().removeprefix("export ") for row in text.decode(errors="replace").splitlines())
    return (row for row in rows if row and not row.startswith(("#", ";")))


def assignments(words: Any) -> Iterator[tuple[str, str]]:
    """Name and value of each `NAME=value`."""
    for word in words:
        name, equals, value = str(word).partition("=")
        if equals and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
            yield name, bare


def main(verb: str, spec: dict[str, Any]) -> None:
    """See the module's first lines."""
    if verb == "look":
        print("\n".join(look(spec)))
    else:
        print(json.dumps(take(spec)))


if __name__ == "__main__":
    with Plainly():
        main(sys.argv[1], json.loads(sys.argv[2]))
