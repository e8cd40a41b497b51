"""Runs on a host, as root: a gateway's state as it was before another release touched it. Standard library only.

    snapshots.py take SPEC     makes one of a gateway whose release is about to change

A release may change the state so that an older one refuses it; then code alone cannot go back. Snapshots lie apart from
backups, and a few of them stay. What people wrote since then is not in them: they are put back only when asked for.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import audit
import kept
import state
from command import CommandError
from plainly import Plainly

FOLDER = "before-upgrade"
REFUSED = "78"


def take(spec: dict[str, Any]) -> Path:
    """A verified archive, made by the release that runs; noted beside the records. Raises CommandError."""
    spec = spec | {"link": str(running(spec))}
    shelf = Path(spec["backups"]) / FOLDER
    archive = state.archived(spec, shelf)
    for old in state.superfluous(shelf, spec["snapshots"]):
        old.unlink()
    release = Path(spec["link"]).name
    content = {"archive": str(archive), "release": release, "at": time.time()}
    kept.write_private(note(spec), json.dumps(content).encode())
    audit.note("snapshot", by=spec.get("by", ""), id=spec["id"], release=release, archive=archive.name)
    return archive


def running(spec: dict[str, Any]) -> Path:
    """Where the release lies that runs: what the link says, or the records where somebody bent it to nowhere."""
    found, stamp = Path(spec["link"]).readlink(), Path(spec["stamp"])
    if found.exists():
        return found
    known = kept.read_stamp(stamp) or kept.previous(stamp) or {}
    return Path(known.get("target") or found)


def note(spec: dict[str, Any]) -> Path:
    """Where the newest snapshot of a gateway is noted."""
    return Path(spec["stamp"]).with_name("snapshot.json")


def of_release(spec: dict[str, Any], release: str | None) -> Path | None:
    """The newest snapshot, if that release made it and it is still there."""
    try:
        found = json.loads(note(spec).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    archive = Path(found["archive"])
    return archive if found["release"] == release and archive.is_file() else None


def main(spec: dict[str, Any]) -> None:
    """See the module's first lines."""
    try:
        print(f"{take(spec).name} keeps the state of {spec['id']}")
    except CommandError as error:
        raise SystemExit(
            f"{spec['id']}: its state cannot be kept before the upgrade: {error}; "
            "mend that, or go on without by `rollout.snapshots: 0`"
        ) from None


if __name__ == "__main__":
    with Plainly():
        main(json.loads(sys.argv[2]))
