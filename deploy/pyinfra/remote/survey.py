"""Runs on a host, as root: how every gateway is, in one look that changes nothing. Standard library only."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import kept
from gate import names, quietly
from machine import Unit, describe, holds, listening, owners, resident_bytes
from places import ARCHIVE, RECORDS

TOKEN = "OPENCLAW_GATEWAY_TOKEN="  # noqa: S105 -- the variable's name, not a value


def survey(order: dict[str, Any]) -> dict[str, Any]:
    """The host's name, one row per gateway asked for, and the units that lie here but are not in the fleet file.

    Two gateways with the same token have the same `tokenFingerprint`: `key` is of this look alone.
    """
    rows = [look(spec, order.get("key", "")) for spec in order["gateways"]]
    deployed = {path.name: path for path in RECORDS.glob("*") if path.is_dir() and not path.name.startswith(".")}
    orphans = [orphan(path) for name, path in sorted(deployed.items()) if name not in order["known"]]
    return {"hostname": socket.gethostname(), "gateways": rows, "orphans": orphans}


def orphan(records: Path) -> dict[str, str]:
    """A gateway that the recipes made, and its unit as far as its records know it."""
    stamp = kept.read_stamp(records / "applied.json") or kept.previous(records / "applied.json") or {}
    unit = next((Path(path).name for path, _, _ in stamp.get("files") or []), "unknown")
    return {"gateway": records.name, "unit": unit}


def look(spec: dict[str, Any], key: str) -> dict[str, Any]:
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
        "tokenFingerprint": token_fingerprint(spec, key),
        "sandboxImage": sandbox_image(spec),
    }
    return row | answers(spec, pid)


def answers(spec: dict[str, Any], pid: int | None) -> dict[str, Any]:
    """What the process says of itself, and who listens when it is not the unit's."""
    inodes = listening(spec["port"])
    foreign = [] if pid and holds(pid, inodes) else [describe(holder) for holder in owners(inodes)]
    if not inodes or foreign:
        return {"version": None, "ready": None, "failing": None, "live": False, "foreignListeners": foreign}
    ready = quietly(spec["port"], "/readyz")
    live = quietly(spec["port"], "/healthz").get("ok") is True
    told = {"version": quietly(spec["port"], "/startupz").get("version"), "live": live, "foreignListeners": foreign}
    is_ready = ready.get("ready")
    return told | {"ready": is_ready if isinstance(is_ready, bool) else None, "failing": names(ready.get("failing"))}


def edited(spec: dict[str, Any], stamp: dict[str, Any]) -> list[str]:
    """What is not as the last deploy left it: unit, .env, its mode, the link to the release."""
    if "seen" not in stamp:  # never deployed, or put back as a person had installed it
        return []
    found = []
    for path, owner, mode in stamp["files"][:2]:
        content, here = kept.looked_at(owner, path) or (None, "")
        what = "unit" if path == spec["unitPath"] else path.rpartition("/")[2]
        # What others put into a .env that they share is no drift.
        is_shared = path == spec["env"] and spec["envUnknown"] == "keep"
        is_same = content is not None and hashlib.sha256(content).hexdigest() == stamp["seen"].get(path)
        if content is None or not (is_same or is_shared):
            found.append(what)
        elif here != mode:
            found.append(f"mode of {what}")
    link = Path(stamp["link"])
    if not link.is_symlink() or str(link.readlink()) != stamp["target"]:
        found.append("release")
    return found


def token_fingerprint(spec: dict[str, Any], key: str) -> str | None:
    """Eight characters that are the same for the same gateway token, and tell nothing of it."""
    text = (kept.read_as(spec["user"], spec["env"]) or b"").decode(errors="replace")
    values = [line.partition("=")[2].strip("\"'`") for line in text.splitlines() if line.startswith(TOKEN)]
    return hmac.new(key.encode(), values[-1].encode(), "sha256").hexdigest()[:8] if values and key else None


def sandbox_image(spec: dict[str, Any]) -> str | None:
    """The image that the gateway's sandboxes are made of, as this host has it; None without sandboxes or image."""
    if not spec["sandboxed"] or not spec["sandboxImages"] or not shutil.which("docker"):
        return None
    words = ["docker", "image", "inspect", "-f", "{{.Id}}", spec["sandboxImages"][0]]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip().removeprefix("sha256:")[:12] or None


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
    found = []
    for path in directory.glob(f"*{ARCHIVE}"):
        with contextlib.suppress(FileNotFoundError):  # a backup that is made meanwhile takes the oldest away
            found.append(path.stat().st_mtime)
    return int(time.time() - max(found)) if found else None
