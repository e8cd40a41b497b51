"""Runs on a host, as root: the lock that one deploy holds while it changes a host. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from typing import Any

from places import IS_OWN_HOME, LOCK

TTL_S = 3600


def take(holder: dict[str, Any]) -> dict[str, Any]:
    """Takes the lock, or takes it anew: `{"taken": true}`, or who holds it.

    A lock past its time is taken over, and so is one whose holder says it is gone (`gone`: ids of former deploys of
    the same machine whose process no longer runs; only that machine can know).
    """
    found = look()
    if found is not None and found["holder"].get("id") == holder["id"]:
        note(holder)
        return {"taken": True}
    if found is not None and is_over(found, holder):
        give_up(holder)
    try:
        LOCK.mkdir(mode=0o700)
    except FileExistsError:
        return {"taken": False, **(look() or {"holder": {}})}
    except FileNotFoundError:
        LOCK.parent.mkdir(parents=True)
        LOCK.mkdir(mode=0o700)
    note(holder)
    return {"taken": True}


def is_over(found: dict[str, Any], holder: dict[str, Any]) -> bool:
    """Whether a lock that was found bars this one no more."""
    return bool(found["stale"] or found["holder"].get("id") in holder.get("gone", []))


def give_up(holder: dict[str, Any]) -> None:
    """Removes a lock that is over. Of two who do so at once the second finds that of the first, and leaves it."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(LOCK, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            found = look()
            if found is not None and is_over(found, holder):
                shutil.rmtree(LOCK, ignore_errors=True)
        finally:
            os.close(descriptor)


def note(holder: dict[str, Any]) -> None:
    """Writes down who holds it, and from when on its time counts."""
    written = {**{name: value for name, value in holder.items() if name != "gone"}, "since": time.time()}
    fresh = LOCK / "holder.new"
    fresh.write_text(json.dumps(written), encoding="utf-8")
    fresh.replace(LOCK / "holder.json")


def look() -> dict[str, Any] | None:
    """Who holds the lock, since how many seconds, and whether its time is over; None when nobody does."""
    if not LOCK.is_dir():
        return None
    try:
        holder = json.loads((LOCK / "holder.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # it is being made, or given back at this moment
        try:
            holder = {"since": LOCK.stat().st_mtime}
        except FileNotFoundError:
            return None
    held = time.time() - holder.get("since", 0)
    return {"holder": holder, "heldS": int(held), "stale": held > TTL_S}


def holder(order: None) -> dict[str, Any] | None:
    """What `look` says, for the control machine."""
    return look()


def release(order: dict[str, Any]) -> dict[str, Any]:
    """Gives the lock back: one's own by its id, anybody's with `force`."""
    found = look()
    ours = found is not None and found["holder"].get("id") == order.get("id")
    if found is not None and (ours or order.get("force")):
        shutil.rmtree(LOCK, ignore_errors=True)
        if IS_OWN_HOME:  # after the last gateway nothing else is there
            with contextlib.suppress(OSError):
                LOCK.parent.rmdir()
        return {"released": True, **found}
    return {"released": False, **(found or {})}
