"""Runs on a host, as root: backups of gateways that may run meanwhile, and their way back. Standard library only.

The gateway's own command makes and reads the archives, as its user; root keeps them where nobody else can read them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import audit
import kept
import state
from command import CommandError
from gateway_unit import GateFailedError, passed
from machine import Unit, as_user
from places import ARCHIVE
from plainly import words
from verbs import failed

WORKSPACE = "-workspace.tar.gz"


def backup(order: dict[str, Any]) -> list[dict[str, Any]]:
    """A verified archive of each gateway's state and one of its workspace; the newest `keep` stay."""
    reports = []
    for spec in order["gateways"]:
        try:
            reports.append({"id": spec["id"], "outcome": "ready", **one_backup(spec, order["keep"])})
        except state.FAILURES as error:
            reports.append(failed(spec, words(error), "the gateway must be deployed; look at its disk and its log"))
        audit.note("backup", by=order["by"], id=spec["id"], outcome=reports[-1]["outcome"])
    return reports


def one_backup(spec: dict[str, Any], keep: int) -> dict[str, Any]:
    """Where the two archives lie, and how large they are."""
    shelf = Path(spec["backups"])
    archive = state.archived(spec, shelf)
    workspace = beside(archive)
    pack(spec, workspace)
    for old in state.superfluous(shelf, keep):
        old.unlink()
        beside(old).unlink(missing_ok=True)
    sizes = {"stateBytes": archive.stat().st_size, "workspaceBytes": workspace.stat().st_size}
    return {"state": str(archive), "workspace": str(workspace), **sizes}


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
    unit.stop()
    trouble = state.replaced(spec, Path(order["state"]))
    if order.get("workspace") and trouble is None:
        try:
            unpack(spec, Path(order["workspace"]))
        except state.FAILURES as error:
            trouble = words(error)
    unit.start()
    try:
        report = {"id": spec["id"], "outcome": "ready", "pid": passed(unit, {**spec, "version": stamp["version"]})}
    except GateFailedError as error:
        report = failed(spec, str(error), "what stood there before is kept beside the state: .clawfleet-before-*")
    if trouble is not None:
        report = failed(spec, trouble, "nothing was lost: what stood there before is there, or kept beside it")
    audit.note("restore", by=order["by"], id=spec["id"], outcome=report["outcome"])
    return report


def pack(spec: dict[str, Any], target: Path) -> None:
    """The workspace as an archive, packed as its user; half of one does not stay. Raises CommandError."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    line = as_user(spec["user"], ["tar", "-C", spec["workspace"], "-czf", "-", "."])
    with os.fdopen(descriptor, "wb") as file:
        done = subprocess.run(line, stdout=file, stderr=subprocess.PIPE, check=False, cwd="/")
    if done.returncode > 1:  # 1: a file changed while it was read
        target.unlink()
        raise CommandError(done.stderr.decode(errors="replace").strip())


def unpack(spec: dict[str, Any], archive: Path) -> None:
    """A workspace back in its place, as its user. Raises CommandError."""
    line = as_user(spec["user"], ["tar", "-C", spec["workspace"], "-xzf", "-", "--no-same-owner"])
    with archive.open("rb") as file:
        done = subprocess.run(line, stdin=file, capture_output=True, check=False, cwd="/")
    if done.returncode:
        raise CommandError(done.stderr.decode(errors="replace").strip())


def beside(archive: Path) -> Path:
    """Where the workspace of a backup lies, next to its state."""
    return archive.with_name(archive.name.removesuffix(ARCHIVE) + WORKSPACE)
