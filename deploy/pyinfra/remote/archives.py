"""Runs on a host, as root: backups of gateways that may run meanwhile, and their way back. Standard library only.

The gateway's own command makes and reads the archives, as its user; root keeps them where nobody else can read them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import audit
import kept
from command import CommandError, openclaw
from gateway_unit import GateFailedError, passed
from machine import Unit, as_user
from verbs import failed

STATE = "-openclaw-backup.tar.gz"
WORKSPACE = "-workspace.tar.gz"


def backup(order: dict[str, Any]) -> list[dict[str, Any]]:
    """A verified archive of each gateway's state and one of its workspace; the newest `keep` stay."""
    reports = []
    for spec in order["gateways"]:
        try:
            reports.append({"id": spec["id"], "outcome": "ready", **one_backup(spec, order["keep"])})
        except CommandError as error:
            reports.append(failed(spec, str(error), "the gateway must be deployed; look at its disk and its log"))
        audit.note("backup", by=order["by"], id=spec["id"], outcome=reports[-1]["outcome"])
    return reports


def one_backup(spec: dict[str, Any], keep: int) -> dict[str, Any]:
    """Where the two archives lie, and how large they are."""
    shelf = Path(spec["backups"])
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    with users_own_directory(spec["user"]) as place:
        openclaw(spec, "backup", "create", "--verify", "--json", "--output", str(place))
        made = next(place.glob(f"*{STATE}"))
        stem = made.name.removesuffix(STATE)
        state, workspace = shelf / made.name, shelf / f"{stem}{WORKSPACE}"
        take_over(spec["user"], made, state)
        pack(spec, workspace)
    prune(shelf, keep)
    sizes = {"stateBytes": state.stat().st_size, "workspaceBytes": workspace.stat().st_size}
    return {"state": str(state), "workspace": str(workspace), **sizes}


def restore(order: dict[str, Any]) -> dict[str, Any]:
    """Stops the gateway, puts the archives' content in its place, lays the fleet's own keys over it, starts it.

    `.env` stays as the fleet wrote it; what stood there before is kept beside the state. Raises nothing: the report
    says what failed, and the gateway runs with what it has then.
    """
    spec = order["gateway"]
    stamp = kept.read_stamp(Path(spec["stamp"]))
    if stamp is None:
        return failed(spec, "it is not deployed here", f"openclaw fleet deploy --limit {spec['id']}")
    unit = Unit(spec)
    env = kept.read_as(spec["user"], spec["env"])
    unit.stop()
    try:
        with users_own_directory(spec["user"]) as place:
            archive = hand_over(spec["user"], Path(order["state"]), place)
            openclaw(spec, "backup", "restore", str(archive), "--yes")
        if order.get("workspace"):
            unpack(spec, Path(order["workspace"]))
        trouble = None
    except CommandError as error:
        trouble = str(error)
    if env is not None:
        kept.write_as(spec["user"], spec["env"], "600", env)
    if trouble is None:
        trouble = owned_again(spec)
    unit.start()
    try:
        report = {"id": spec["id"], "outcome": "ready", "pid": passed(unit, {**spec, "version": stamp["version"]})}
    except GateFailedError as error:
        report = failed(spec, str(error), "what stood there before is kept beside the state: .clawfleet-before-*")
    if trouble is not None:
        report = failed(spec, trouble, "nothing was lost: what stood there before is there, or kept beside it")
    audit.note("restore", by=order["by"], id=spec["id"], outcome=report["outcome"])
    return report


def owned_again(spec: dict[str, Any]) -> str | None:
    """The keys that the fleet owns, laid over the restored config; what went wrong, if anything."""
    script, now, former = spec["ownConfig"]
    python = f"{spec['link']}/bin/python"
    owned = Path(now).read_text(encoding="utf-8").strip() + "\n"
    before = Path(former).read_text(encoding="utf-8").strip() if Path(former).exists() else "{}"
    # All of them: what people changed before the archive was made is older than the fleet file.
    words = as_user(spec["user"], [python, script, "write", spec["config"], spec["configMode"], "*"])
    done = subprocess.run(words, input=owned + before + "\n", capture_output=True, text=True, check=False, cwd="/")
    return (done.stderr.strip() or "the config cannot be written") if done.returncode else None


@contextlib.contextmanager
def users_own_directory(user: str) -> Iterator[Path]:
    """A directory that only the user (and root) can look into; gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="clawfleet-backup-"))
    entry = pwd.getpwnam(user)
    os.chown(place, entry.pw_uid, entry.pw_gid)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def take_over(user: str, made: Path, target: Path) -> None:
    """Root's own copy of a user's file, never through a link that the user may have planted."""
    content = kept.read_as(user, str(made))
    if content is None:
        raise CommandError(f"{made} cannot be read")
    kept.write_private(target, content)


def hand_over(user: str, archive: Path, place: Path) -> Path:
    """The archive as the user can read it."""
    kept.write_as(user, str(place / archive.name), "600", archive.read_bytes())
    return place / archive.name


def pack(spec: dict[str, Any], target: Path) -> None:
    """The workspace as an archive, packed as its user. Raises CommandError."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    words = as_user(spec["user"], ["tar", "-C", spec["workspace"], "-czf", "-", "."])
    with os.fdopen(descriptor, "wb") as file:
        done = subprocess.run(words, stdout=file, stderr=subprocess.PIPE, check=False, cwd="/")
    if done.returncode > 1:  # 1: a file changed while it was read
        raise CommandError(done.stderr.decode(errors="replace").strip())


def unpack(spec: dict[str, Any], archive: Path) -> None:
    """A workspace back in its place, as its user. Raises CommandError."""
    words = as_user(spec["user"], ["tar", "-C", spec["workspace"], "-xzf", "-", "--no-same-owner"])
    with archive.open("rb") as file:
        done = subprocess.run(words, stdin=file, capture_output=True, check=False, cwd="/")
    if done.returncode:
        raise CommandError(done.stderr.decode(errors="replace").strip())


def prune(shelf: Path, keep: int) -> None:
    """The newest `keep` backups stay."""
    for old in sorted(shelf.glob(f"*{STATE}"), key=lambda path: path.stat().st_mtime)[:-keep]:
        old.unlink()
        old.with_name(old.name.removesuffix(STATE) + WORKSPACE).unlink(missing_ok=True)
