"""Runs on a host, as root: tells the state of one gateway's unit, or restarts it and waits until it is good.

    gateway_unit.py status SPEC     state as JSON on standard output
    gateway_unit.py apply           wish as JSON on standard input; exit 1 names the step that failed

A gateway that was changed and does not pass the gate gets back what it ran with before, at once and on the host:
also when nobody is connected any more. Standard library only: it must work while the release under test does not.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import audit
import kept
import proofs
import snapshots
import state
from gate import FailedError, Gate, NotYetError, names, quietly
from machine import Unit
from plainly import Plainly, words

POLL_S = 0.25


class GateFailedError(Exception):
    """The gateway did not become good. The text names step and cause, with the unit's last words."""

    def __init__(self, step: str, text: str) -> None:
        super().__init__(text)
        self.step = step


def status(spec: dict[str, Any]) -> dict[str, Any]:
    """What facts/gateways.py reads."""
    unit = Unit(spec)
    try:
        shown = unit.show()
    except KeyError:  # the user does not exist yet
        shown = {}
    active = shown.get("ActiveState") == "active"
    live, ready = ({}, {}) if not active else (quietly(spec["port"], "/healthz"), quietly(spec["port"], "/readyz"))
    stamp = kept.read_stamp(Path(spec["stamp"])) or {}
    return {
        "active": active,
        "parked": stamp.get("enabled") is False,
        "enabled": shown.get("UnitFileState") == "enabled",
        "stale": shown.get("NeedDaemonReload") == "yes",
        "healthy": live.get("ok") is True,
        "applied": stamp.get("applied"),
        "failing": names(ready.get("failing")) if isinstance(ready.get("ready"), bool) else None,
    }


def apply(wish: dict[str, Any]) -> dict[str, Any]:
    """Enables, restarts when asked to, waits for the gate, and only then records what is running.

    The report's `outcome`: `ready`; `disabled`: stopped, as wished; `rolled back`: what ran before runs again, or is
    stopped again; `failed`: nothing good was known, or what was good before does not come up either.
    """
    began = time.monotonic()
    stamp = Path(wish["stamp"])
    former = kept.read_stamp(stamp)
    good = kept.previous(stamp) if former is None else None
    report = {"id": wish["id"], "release": wish["release"]}
    try:
        if wish["enabled"]:
            report |= {"outcome": "ready", "pid": restarted(wish), "port": wish["port"]}
        else:
            parked(wish)
            report |= {"outcome": "disabled"}
        record(stamp, wish, former or good or {})
    except GateFailedError as error:
        report |= {"outcome": "failed", "step": error.step, "reason": str(error)}
        if good is not None:
            report |= rolled_back(wish, stamp, error)
    report["seconds"] = round(time.monotonic() - began, 1)
    audit.note("deploy", by=wish.get("by", ""), **{key: report[key] for key in report if key != "reason"})
    return report


def restarted(wish: dict[str, Any]) -> int:
    """The pid of the gateway that passed the gate. Raises GateFailedError."""
    unit = Unit(wish)
    trouble = unit.enable()
    if wish["restart"] and not trouble:
        trouble = unit.start() if wish.get("how") == "start" else unit.restart()
    if trouble:
        raise GateFailedError("unit", trouble)
    return passed(unit, wish)


def parked(wish: dict[str, Any]) -> None:
    """The gateway is stopped and stays so, also after the host has booted. Raises GateFailedError."""
    trouble = Unit(wish).park()
    if trouble:
        raise GateFailedError("unit", trouble)


def passed(unit: Unit, wish: dict[str, Any]) -> int:
    """Waits for the gate; the pid that passed it. Raises GateFailedError."""
    gate = Gate(unit, wish)
    began = time.monotonic()
    while True:
        try:
            pid = gate.look()
            prove(gate, wish)
            return pid
        except NotYetError as error:
            if time.monotonic() - began > wish["timeoutS"]:
                what = f"{gate.step} after {wish['timeoutS']} s: {error}"
                raise GateFailedError(gate.step, told(unit, wish, what)) from None
            time.sleep(POLL_S)
        except FailedError as error:
            raise GateFailedError(gate.step, told(unit, wish, f"{gate.step}: {error}")) from None


def prove(gate: Gate, wish: dict[str, Any]) -> None:
    """What takes a command of the release, after everything that does not. Raises NotYetError or FailedError."""
    if wish["version"] is None:  # a gateway of before the fleet, put back: its command is its own affair
        return
    if wish["connects"]:
        gate.step = "connect"
        proofs.connects(wish)
    if wish["smoke"]:
        gate.step = "smoke"
        proofs.answers_a_turn(wish)
    gate.settle()


def rolled_back(wish: dict[str, Any], stamp: Path, error: GateFailedError) -> dict[str, Any]:
    """Puts back what was good, and holds it to the gate too; what changes in the report."""
    try:
        good = kept.put_back(stamp)
    except (OSError, subprocess.CalledProcessError) as again:
        return {"reason": f"{error}\nand what ran before cannot be put back: {words(again)}"}
    back = {**wish, "restart": True, "version": good["version"], "release": good["release"], "smoke": None}
    runs = good.get("enabled", True)
    restored = {}
    try:
        if runs:
            restored = up_again(back, stamp)
        else:
            parked(back)
    except (GateFailedError, OSError, subprocess.CalledProcessError) as again:
        why = again if isinstance(again, GateFailedError) else words(again)
        return {"reason": f"{error}\nand what ran before does not come up either: {why}"}
    kept.write_private(stamp, json.dumps(good).encode())
    told = f"runs {good['release'] or 'as it was found'} again" if runs else "is stopped again"
    return {"outcome": "rolled back", "back": told + (", with its state of before" if restored else ""), **restored}


def up_again(back: dict[str, Any], stamp: Path) -> dict[str, str]:
    """Starts what was good; what was restored for it, nothing where its files were enough. Raises GateFailedError.

    A release that refuses the state which a newer one has changed gets its snapshot back, where the fleet wants that.
    """
    try:
        restarted(back)
    except GateFailedError as refused:
        archive = snapshots.of_release(back, back["release"])
        if archive is None or Unit(back).show().get("ExecMainStatus") != snapshots.REFUSED:
            raise
        if not back["autoRestoreState"]:
            hint = f"its state of before is kept: openclaw fleet rollback --restore-state --limit {back['id']}"
            raise GateFailedError(refused.step, f"{refused}\n{hint}") from None
        Unit(back).stop()
        trouble = state.replaced(back, archive)
        if trouble:
            raise GateFailedError("state", f"{refused}\nand {archive.name} cannot be restored: {trouble}") from None
        kept.put_back(stamp)
        restarted(back)
        return {"restored": archive.name}
    return {}


def record(stamp: Path, wish: dict[str, Any], earlier: dict[str, Any]) -> None:
    """Writes the stamp: what passed the gate, how to put it back, and which release ran before."""
    is_same = wish["release"] == earlier.get("release")
    before = earlier.get("previousRelease" if is_same else "release")
    content = {name: wish.get(name) for name in ("applied", "release", "version", "link", "target", "files", "parts")}
    content |= {
        "enabled": wish.get("enabled", True),
        "previousRelease": before,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    content["seen"] = {path: seen(owner, path) for path, owner, _ in wish.get("files", [])}
    kept.write_private(stamp, json.dumps(content).encode())


def seen(owner: str, path: str) -> str | None:
    """The hash of a file as it is now."""
    content = kept.read_as(owner, path)
    return None if content is None else hashlib.sha256(content).hexdigest()


def told(unit: Unit, wish: dict[str, Any], what: str) -> str:
    """The failure with the unit's last words, secrets taken out."""
    lines = [f"{wish['id']}: gate failed at {what}", *(f"  log: {line}" for line in unit.journal(12))]
    text = "\n".join(lines)
    for value in secret_values(kept.read_as(wish["user"], wish["env"]) or b""):
        text = text.replace(value, "***")
    return text


def secret_values(env: bytes) -> list[str]:
    """The values in a `.env`, longest first; rough on purpose, as it only hides."""
    values = [line.partition("=")[2].strip("\"'`") for line in env.decode(errors="replace").splitlines()]
    return sorted((value for value in values if len(value) >= 4), key=len, reverse=True)


def main(arguments: list[str]) -> None:
    """See the module's first lines."""
    if arguments[0] == "status":
        print(json.dumps(status(json.loads(arguments[1]))))
        return
    # A connection that is cut must not leave a gateway between two releases.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    report = apply(json.load(sys.stdin))
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(report), flush=True)
        if report["outcome"] not in {"ready", "disabled"}:
            back = f"\n{report['id']}: rolled back, {report['back']}" if "back" in report else ""
            raise SystemExit(f"{report['reason']}{back}")


if __name__ == "__main__":
    with Plainly():
        main(sys.argv[1:])
