"""`status`: one table over all hosts, read in parallel; what cannot be known is `unknown` and never good news."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

from clawfleet.fleet.boundaries import route_mode
from clawfleet.fleet.instance import GatewayInstance
from control.order import Chosen, Order, chosen, print_json, print_table, say
from control.reach import HostFailedError, ask_all
from machines import known_machines
from rendered import parts
from settings import Settings
from specs import whole_spec
from wheelhouse import Wheelhouse
from wheelhouses import read_wheelhouses

NOT_READY = 2
UNREACHABLE = 1
DISABLED = "disabled"
"""The state of a gateway that the fleet file keeps stopped: nothing is wrong with it."""

HEADS = (
    *("host", "gateway", "state", "ready", "version", "release", "port", "pid"),
    *("uptime", "restarts", "memory", "channels", "drift", "backup"),
)
MORE_HEADS = ("unit", "live", "token", "sandbox")


def run(order: Order) -> int:
    """0 all ready · 2 some are not · 1 a host cannot be reached."""
    found = chosen(order)
    rows, failed = asyncio.run(survey(found))
    if order.as_json:
        trouble = [{"host": error.host, "error": str(error), "hint": error.hint} for error in failed]
        print_json({"ok": not failed and all(is_well(row) for row in rows), "gateways": rows, "unreachable": trouble})
    else:
        if order.options.get("wide"):
            print_table((*HEADS, *MORE_HEADS), ((*cells(row), *more_cells(row)) for row in rows))
        else:
            print_table(HEADS, (cells(row) for row in rows))
        for error in failed:
            say(f"✗ {error.message}", f"  {error.hint}")
        for host, names in orphans(rows).items():
            say(f"! {host}: deployed here, but not in the fleet file: {', '.join(names)}")
    if failed:
        return UNREACHABLE
    return 0 if all(is_well(row) for row in rows) else NOT_READY


def is_well(row: dict[str, Any]) -> bool:
    """Whether the gateway is as it shall be: ready, or stopped where the fleet file says so."""
    return bool(row["ready"]) or row["state"] == DISABLED


async def survey(found: Chosen) -> tuple[list[dict[str, Any]], list[HostFailedError]]:
    """One row per gateway, in the order of the file, and the hosts that did not answer."""
    hosts = found.by_host()
    asked = []
    key = secrets.token_hex(16)
    for host, items in hosts.items():
        specs = [whole_spec(item, found.fleet.rollout) for item in items]
        known = list(found.fleet.hosts[host].gateways)
        asked.append((found.reach[host], {"gateways": specs, "known": known, "key": key}))
    answers = dict(zip(hosts, await ask_all(asked, "survey"), strict=True))
    there = read_wheelhouses(Settings().wheelhouse)
    machines = known_machines(found.path)
    wanted = [there.name(item.release, item.os, machines.get(item.host, "")) for item in found.instances]
    rows = [row(item, answers[item.host], house) for item, house in zip(found.instances, wanted, strict=True)]
    return rows, [answer for answer in answers.values() if isinstance(answer, HostFailedError)]


def row(item: GatewayInstance, answer: Any, wanted: Wheelhouse | None) -> dict[str, Any]:
    """One gateway, with what differs from the fleet file; `wanted` is the release that the next deploy would bring."""
    base: dict[str, Any] = {"host": item.host, "gateway": item.name, "unit": item.unit, "port": item.port}
    base |= {"enabled": item.enabled}
    if isinstance(answer, HostFailedError):
        return base | {"state": "unknown", "ready": None, "drift": None, "orphanUnits": []}
    seen = next(found for found in answer["gateways"] if found["id"] == item.id)
    drift = [*seen["edited"]]
    if seen["parts"] is None:
        drift.append("not deployed")
    else:
        drift += [what for what, value in parts(item).items() if seen["parts"].get(what) != value and what not in drift]
        drift += ["release"] if wanted and seen["release"] != wanted.release and "release" not in drift else []
    runs = str(seen["state"]).startswith("active")
    if not item.enabled:
        seen |= {} if runs else {"state": DISABLED}
        drift += ["not disabled"] if runs else []
    kept = {name: value for name, value in seen.items() if name not in {"id", "parts", "edited"}}
    told = {"bind": item.bind, "tailscale": route_mode(item), "drift": drift}
    return base | kept | told | {"orphanUnits": answer["orphans"]}


def orphans(rows: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """Host → gateways that lie there and are not in the fleet file."""
    return {
        row["host"]: [f"{found['gateway']} ({found['unit']})" for found in row["orphanUnits"]]
        for row in rows
        if row.get("orphanUnits")
    }


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row for a person."""
    failing = row.get("failing") or []
    ready = {True: "ready", False: "not ready", None: "unknown"}[row.get("ready")]
    channels = [str(name).removeprefix("channel:") for name in failing if str(name).startswith("channel")]
    others = [str(name) for name in failing if not str(name).startswith("channel")]
    if row["state"] == DISABLED:
        ready = "-"
    if row.get("foreignListeners"):
        ready = "foreign listener"
    drift = row["drift"]
    return (
        row["host"],
        row["gateway"],
        str(row["state"]),
        ready + (f" ({', '.join(others)})" if others else ""),
        row.get("version") or "unknown",
        row.get("release") or "unknown",
        str(row["port"]),
        str(row.get("pid") or "-"),
        span(row.get("uptimeS")),
        str(row.get("restarts") if row.get("restarts") is not None else "unknown"),
        f"{size(row.get('memoryBytes'))}/{size(row.get('memoryMaxBytes'))}",
        "unknown" if row.get("failing") is None else ", ".join(channels) + " failing" if channels else "ok",
        "unknown" if drift is None else ", ".join(drift) or "none",
        span(row.get("backupAgeS"), otherwise="none"),
    )


def more_cells(row: dict[str, Any]) -> tuple[str, ...]:
    """What fewer people look for."""
    live = {True: "yes", False: "no", None: "unknown"}[row.get("live")]
    return (row["unit"], live, row.get("tokenFingerprint") or "unknown", row.get("sandboxImage") or "-")


def span(seconds: int | None, otherwise: str = "unknown") -> str:
    """A time in its largest unit."""
    if seconds is None:
        return otherwise
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def size(count: int | None) -> str:
    """Bytes for a person; `-` where there is no figure or no limit."""
    return "-" if count is None else f"{count / 2**20:.0f}M"
