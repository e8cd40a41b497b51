"""Runs on a host, as root: how every gateway is, in one look that changes nothing. Standard library only."""

from __future__ import annotations

import hashlib
import socket
import time
from pathlib import Path
from typing import Any

import kept
from gate import names, quietly
from machine import Unit, describe, holds, listening, owners, resident_bytes
from places import RECORDS


def survey(order: dict[str, Any]) -> dict[str, Any]:
    """The host's name, one row per gateway asked for, and the gateways that lie here but are not in the fleet file."""
    rows = [look(spec) for spec in order["gateways"]]
    deployed = {path.name for path in RECORDS.glob("*") if path.is_dir() and not path.name.startswith(".")}
    return {"hostname": socket.gethostname(), "gateways": rows, "orphans": sorted(deployed - set(order["known"]))}


def look(spec: dict[str, Any]) -> dict[str, Any]:
    """One gateway. What cannot be known is None, never good news."""
    try:
        shown = Unit(spec).show()
    except KeyError:
        shown = {}
    stamp = kept.read_stamp(Path(spec["stamp"])) or {}
    pid = number(shown.get("MainPID")) or None
    row = {
        "id": spec["id"],
        "state": state(shown),
        "pid": pid,
        "restarts": number(shown.get("NRestarts")),
        "memoryBytes": number(shown.get("MemoryCurrent")) or resident_bytes(pid),
        "memoryMaxBytes": number(shown.get("MemoryMax")),
        "uptimeS": uptime_s(shown),
        "release": stamp.get("release"),
        "previousRelease": stamp.get("previousRelease"),
        "deployedAt": stamp.get("at"),
        "edited": edited(spec, stamp),
        "parts": stamp.get("parts"),
        "backupAgeS": backup_age_s(Path(spec["backups"])),
    }
    return row | answers(spec, pid)


def answers(spec: dict[str, Any], pid: int | None) -> dict[str, Any]:
    """What the process says of itself, and who listens when it is not the unit's."""
    inodes = listening(spec["port"])
    foreign = [] if pid and holds(pid, inodes) else [describe(holder) for holder in owners(inodes)]
    if not inodes or foreign:
        return {"version": None, "ready": None, "failing": None, "foreign": foreign}
    ready = quietly(spec["port"], "/readyz")
    told = {"version": quietly(spec["port"], "/startupz").get("version"), "foreign": foreign}
    is_ready = ready.get("ready")
    return told | {"ready": is_ready if isinstance(is_ready, bool) else None, "failing": names(ready.get("failing"))}


def edited(spec: dict[str, Any], stamp: dict[str, Any]) -> list[str]:
    """What is not as the last deploy left it: unit, .env, its mode, the link to the release."""
    if not stamp:
        return []
    found = []
    for path, owner, mode in stamp.get("files", [])[:2]:
        content = kept.read_as(owner, path)
        what = "unit" if path == spec["unitPath"] else path.rpartition("/")[2]
        # What others put into a .env that they share is no drift.
        is_shared = path == spec["env"] and spec["envUnknown"] == "keep"
        is_same = content is not None and hashlib.sha256(content).hexdigest() == stamp["seen"].get(path)
        if content is None or not (is_same or is_shared):
            found.append(what)
        elif f"{Path(path).stat().st_mode & 0o777:o}" != mode:
            found.append(f"mode of {what}")
    link = Path(stamp["link"])
    if not link.is_symlink() or str(link.readlink()) != stamp["target"]:
        found.append("release")
    return found


def state(shown: dict[str, str]) -> str:
    """`active/running`, `not-found` where there is no unit, `unknown` where systemd does not answer."""
    if not shown:
        return "unknown"
    if shown.get("LoadState") == "not-found":
        return "not-found"
    return f"{shown.get('ActiveState', '?')}/{shown.get('SubState', '?')}"


def number(text: str | None) -> int | None:
    """A count; None for systemd's ways to say that there is none."""
    return int(text) if text and text.isdigit() and int(text) < 2**60 else None


def uptime_s(shown: dict[str, str]) -> int | None:
    """Seconds since the unit became active."""
    since = number(shown.get("ActiveEnterTimestampMonotonic"))
    return int(time.monotonic() - since / 1_000_000) if since and shown.get("ActiveState") == "active" else None


def backup_age_s(directory: Path) -> int | None:
    """How old the newest backup is."""
    found = [path.stat().st_mtime for path in directory.glob("*-openclaw-backup.tar.gz")]
    return int(time.time() - max(found)) if found else None
