"""Runs on a host, as root: takes gateways away, and with the last one everything that the recipes brought.

State and workspace stay unless they are to go too. Removes what it knows by its full path, never by a pattern.
Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import audit
import host_removal
import tailnet
from command import CommandError, openclaw
from mac_removal import own_tunnels, remove_empty, remove_logs, remove_own_job
from machine import Unit, as_user
from places import BACKUPS, COMMAND, HAS_LAUNCHD, MADE, PROGRAM, RECORDS, ROOT

UNITS = Path("/etc/systemd/system")
STAMPS = Path("/var/lib/systemd/timers")
LOG_PLACES = ("/tmp/openclaw", "/tmp/openclaw-{uid}", "/tmp/openclaw-state-locks-{uid}")  # noqa: S108 -- the gateway's
LINGER = Path("/var/lib/systemd/linger")


def uninstall(order: dict[str, Any]) -> dict[str, Any]:
    """Removes the gateways; what stays, and why, is in the answer."""
    purge: bool = order["purge"]
    rows = []
    for spec in order["gateways"]:
        audit.note("uninstall", by=order["by"], id=spec["id"], purge=purge)
        rows.append({"id": spec["id"], "outcome": "ready", "stays": one(spec, purge=purge)})
    others = [path.name for path in RECORDS.glob("*") if path.is_dir() and not path.name.startswith(".")]
    stays = [] if others else everything(purge=purge)
    return {"gateways": rows, "others": sorted(others), "stays": stays}


def one(spec: dict[str, Any], *, purge: bool) -> list[str]:
    """One gateway is gone; what stays of it."""
    unit = Unit(spec)
    with contextlib.suppress(KeyError):  # its user is gone already, and with it its service manager
        unit.disable()
        remove_as(spec["user"], spec["unitPath"])
        unit.forget()
    remove_sandboxes(spec)
    remove_own_unit(spec["backupTimer"])
    if HAS_LAUNCHD:
        remove_logs(spec, purge=purge)
    if spec["tailnetPort"]:
        tailnet.drop_route(spec["tailnetPort"])
    stays = [path for path in (spec["unitPath"], f"{spec['unitPath']}.d") if Path(path).exists()]
    shutil.rmtree(spec["records"], ignore_errors=True)
    shutil.rmtree(Path(spec["link"]).parent, ignore_errors=True)
    data = [spec["stateDir"], spec["workspace"], spec["config"]]
    for path in data:
        if purge and is_leaf(path, spec):
            remove_as(spec["user"], path)
        if Path(path).exists() and not any(path.startswith(f"{above}/") for above in data):
            stays.append(path)
    mark = MADE / f"kept-{spec['name']}"
    if purge:
        shutil.rmtree(spec["backups"], ignore_errors=True)
        tidy(spec)
        mark.unlink(missing_ok=True)
    else:  # so that the same gateway may be deployed over its own data again
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    return stays


def everything(*, purge: bool) -> list[str]:
    """The last gateway is gone: releases, command, records; users only if the recipes made them and nothing stays."""
    if COMMAND.is_symlink() and str(COMMAND.readlink()).startswith(f"{ROOT}/"):
        COMMAND.unlink()
    for unit in own_tunnels() if HAS_LAUNCHD else [path.name for path in UNITS.glob("openclaw-tunnel-*.service")]:
        remove_own_unit(unit)
    for path in PROGRAM:
        remove_tree(path)
    stays = [] if HAS_LAUNCHD else host_removal.undo(purge=purge)
    tailnet.leave()
    marks = sorted(path.name for path in MADE.glob("*"))
    for mark in marks:
        kind, _, user = mark.partition("-")
        if kind == "linger":
            subprocess.run(["loginctl", "disable-linger", user], capture_output=True, check=False)
            (LINGER / user).unlink(missing_ok=True)
        elif kind == "user" and purge:
            remove_user(user)
    stays += [
        f"user {mark.partition('-')[2]} with its home" for mark in marks if mark.startswith("user-") and not purge
    ]
    if not stays and not list(MADE.glob("kept-*")):
        shutil.rmtree(RECORDS, ignore_errors=True)
    if purge:
        for path in (BACKUPS, audit.LOG.parent):
            shutil.rmtree(path, ignore_errors=True)
    else:
        stays += [str(path) for path in (BACKUPS, audit.LOG) if path.exists()]
    if HAS_LAUNCHD:
        remove_empty()
    return stays


def remove_tree(path: Path) -> None:
    """A directory with all that is in it, or a link."""
    if path.is_symlink():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


def remove_own_unit(timer: str) -> None:
    """A unit of the recipes' own is gone, and with a timer its service."""
    if HAS_LAUNCHD:
        remove_own_job(timer)
        return
    subprocess.run(["systemctl", "disable", "--now", timer], capture_output=True, check=False)
    for unit in (timer, timer.replace(".timer", ".service")):
        (UNITS / unit).unlink(missing_ok=True)
    (STAMPS / f"stamp-{timer}").unlink(missing_ok=True)
    subprocess.run(["systemctl", "daemon-reload"], capture_output=True, check=False)


def remove_user(user: str) -> None:
    """The user, its processes, its home and its service manager are gone."""
    subprocess.run(["loginctl", "terminate-user", user], capture_output=True, check=False)
    uid = subprocess.run(["id", "-u", user], capture_output=True, text=True, check=False).stdout.strip()
    if uid:
        subprocess.run(["systemctl", "stop", f"user@{uid}.service"], capture_output=True, check=False)
        for place in LOG_PLACES:
            path = Path(place.format(uid=uid))
            if path.is_dir() and not path.is_symlink() and str(path.stat().st_uid) == uid:
                remove_as(user, str(path))
    subprocess.run(["userdel", "--remove", user], capture_output=True, check=False)


def remove_as(user: str, path: str) -> None:
    """Removes a file or tree as its owner; root follows no link of a user's."""
    if not os.path.lexists(path):
        return
    if path.startswith(("/etc/", "/Library/LaunchDaemons/")):
        Path(path).unlink(missing_ok=True)
        return
    flags = ["-rf"] if HAS_LAUNCHD else ["-rf", "--one-file-system"]
    subprocess.run(as_user(user, ["rm", *flags, "--", path]), check=False, cwd="/")
    if os.path.lexists(path) and is_in_roots_place(path):  # which the user may empty but not remove
        shutil.rmtree(path, ignore_errors=True)


def is_in_roots_place(path: str) -> bool:
    """Whether all that leads to the path is root's: elsewhere a user can put a link in the way at any moment."""
    return all(above.lstat().st_uid == 0 for above in Path(path).parents)


def is_leaf(path: str, spec: dict[str, Any]) -> bool:
    """Whether the path is a real place of its own: no link, and neither the home nor anything above it."""
    place = Path(path)
    resolved = os.path.realpath(path)
    return not place.is_symlink() and resolved == path and not f"{spec['home']}/".startswith(f"{path}/")


def tidy(spec: dict[str, Any]) -> None:
    """Directories of the unit that are empty now, up to the home."""
    place = Path(spec["unitPath"]).parent
    while spec["scope"] == "user" and str(place).startswith(f"{spec['home']}/"):
        for wants in place.glob("*.wants"):
            subprocess.run(as_user(spec["user"], ["rmdir", str(wants)]), capture_output=True, check=False, cwd="/")
        done = subprocess.run(as_user(spec["user"], ["rmdir", str(place)]), capture_output=True, check=False, cwd="/")
        if done.returncode:
            return
        place = place.parent


def remove_sandboxes(spec: dict[str, Any]) -> None:
    """The containers of this gateway's agents; its own command knows which are its own."""
    if shutil.which("docker"):
        with contextlib.suppress(CommandError, OSError):
            openclaw(spec, "sandbox", "recreate", "--all", "--force")
