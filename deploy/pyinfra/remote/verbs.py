"""Runs on a host, as root: stops, starts and restarts gateways, takes them back to an earlier release.

Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import audit
import kept
import snapshots
import state
from gateway_unit import GateFailedError, record, restarted
from machine import Unit


def restart(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Restarts each gateway and holds it to the gate; stops at the first that fails. Never stop and start."""
    return one_by_one(order, "restart", lambda spec: up(spec, "restart"))


def start(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Starts each gateway that was stopped and holds it to the gate, also one that runs; stops at the first failure."""
    return one_by_one(order, "start", lambda spec: up(spec, "start"))


def stop(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Stops each gateway; running turns end first. It comes back with the host, or with the next deploy."""
    return one_by_one(order, "stop", down)


def one_by_one(
    order: dict[str, Any], verb: str, work: Callable[[dict[str, Any]], dict[str, Any]]
) -> list[dict[str, Any]]:
    """The reports of the gateways up to the first that failed, each noted in the audit log."""
    reports: list[dict[str, Any]] = []
    for spec in order["gateways"]:
        reports.append(work(spec))
        audit.note(verb, by=order["by"], id=spec["id"], outcome=reports[-1]["outcome"])
        if reports[-1]["outcome"] == "failed":
            break
    return reports


def up(spec: dict[str, Any], how: str) -> dict[str, Any]:
    """A gateway started in that way, with what its last deploy proved."""
    stamp = kept.read_stamp(Path(spec["stamp"]))
    if stamp is None:
        return failed(spec, "it was never deployed, or its last deploy broke off", "deploy it")
    try:
        pid = restarted({**spec, "restart": True, "how": how, "version": stamp["version"]})
    except GateFailedError as error:
        return failed(spec, str(error), "see `openclaw fleet logs`, then deploy or roll back")
    return {"id": spec["id"], "outcome": "ready", "pid": pid, "release": stamp["release"]}


def down(spec: dict[str, Any]) -> dict[str, Any]:
    """A gateway that does not run any more."""
    unit = Unit(spec)
    try:
        unit.stop()
        state = unit.show().get("ActiveState", "not to be seen")
    except KeyError:
        return failed(spec, f"there is no user {spec['user']}", "deploy it")
    if state not in {"inactive", "failed"}:
        return failed(spec, f"{unit.name} is {state} after it was told to stop", "look at its log")
    return {"id": spec["id"], "outcome": "stopped"}


def rollback(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Takes each gateway back to `to`, else to the release before; stops at the first that fails."""
    reports: list[dict[str, Any]] = []
    for spec in order["gateways"]:
        # A turn may have failed for a reason that has nothing to do with the release: it must not bar the way back.
        asked = {**spec, "smoke": None}
        reports.append(one_back(asked, order.get("to"), restore=bool(order.get("restoreState"))))
        audit.note("rollback", by=order["by"], **{k: v for k, v in reports[-1].items() if k not in {"reason", "hint"}})
        if reports[-1]["outcome"] != "ready":
            break
    return reports


def one_back(spec: dict[str, Any], wanted: str | None, *, restore: bool) -> dict[str, Any]:
    """Code only: config, secrets and state stay. A deploy that broke off is taken back whole.

    With `restore` the state goes back too, to what it was before the release that runs now.
    """
    stamp = Path(spec["stamp"])
    known = kept.read_stamp(stamp)
    if known is None:
        return broken_off_back(spec, stamp, restore=restore)
    target = wanted or known.get("previousRelease")
    home = Path(spec["root"]) / "releases"
    if not target or not (home / target / ".complete").exists():
        there = sorted(path.parent.name for path in home.glob("*/.complete"))
        what = f"release {target} is not on the host" if target else "no other release was deployed before"
        others = ", ".join(name for name in there if name != known.get("release"))
        cure = f"choose one with --to: {others}" if others else "the host has none but the one that runs"
        return failed(spec, what, cure)
    if restore and snapshots.of_release(spec, target) is None:
        return failed(spec, f"no state of release {target} is kept", "restore a backup: openclaw fleet restore")
    kept.keep(stamp)
    kept.switch_link(Path(spec["link"]), f"{home}/{target}")
    version = target.rpartition("-")[0]
    wish = {**known, **spec, "release": target, "version": version, "restart": True, "target": f"{home}/{target}"}
    wish["applied"] = f"rolled back to {target}"
    try:
        if restore:
            restored(spec, target)
        pid = restarted(wish)
    except GateFailedError as error:
        return stays(spec, stamp, error)
    record(stamp, wish, known)
    return {"id": spec["id"], "outcome": "ready", "pid": pid, "release": target}


def stays(spec: dict[str, Any], stamp: Path, error: GateFailedError) -> dict[str, Any]:
    """The older release does not come up: what ran before the attempt runs again."""
    good = kept.put_back(stamp)
    try:
        restarted({**spec, "restart": True, "version": good["version"]})
    except GateFailedError as again:
        return failed(spec, f"{error}\nand {good['release']} does not come up either: {again}", "look at its log")
    kept.write_private(stamp, json.dumps(good).encode())
    hint = f"{good['release']} runs again; if the older one refuses newer state: --restore-state"
    return failed(spec, str(error), hint)


def restored(spec: dict[str, Any], release: str) -> None:
    """The state as that release left it, in the place of what is there now. Raises GateFailedError."""
    archive = snapshots.of_release(spec, release)
    if archive is None:
        raise GateFailedError("state", f"no state of release {release} is kept")
    Unit(spec).stop()
    trouble = state.replaced(spec, archive)
    if trouble:
        raise GateFailedError("state", f"{archive.name} cannot be restored: {trouble}")


def broken_off_back(spec: dict[str, Any], stamp: Path, *, restore: bool) -> dict[str, Any]:
    """A deploy was cut off: files and release of the last good one are put back."""
    if kept.previous(stamp) is None:
        return failed(spec, "nothing good is known of it", "deploy it")
    good = kept.put_back(stamp)
    try:
        if restore:
            restored(spec, good["release"])
            kept.put_back(stamp)
        pid = restarted({**spec, "restart": True, "version": good["version"]})
    except GateFailedError as error:
        return failed(spec, str(error), "look at its log")
    kept.write_private(stamp, json.dumps(good).encode())
    return {"id": spec["id"], "outcome": "ready", "pid": pid, "release": good["release"]}


def failed(spec: dict[str, Any], reason: str, hint: str) -> dict[str, Any]:
    """A report that names cause and cure."""
    return {"id": spec["id"], "outcome": "failed", "reason": reason, "hint": hint}
