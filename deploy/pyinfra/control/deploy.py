"""`deploy`: lock, look, prepare all hosts, then change one batch after the other and stop at the first failure.

The order and the stop are ours: pyinfra knows neither. A gateway that fails its gate was taken back on its host
already (`remote/gateway_unit.py`); here that becomes the end of the rollout and exit code 5.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.problems import Problem
from clawfleet.fleet.rollout import batches
from clawfleet.fleet.selection import selected
from control.converge import HostRun, Pool
from control.locks import Holder, locked
from control.looks import Looker
from control.machines import load_for_hosts
from control.macs import bring_python
from control.order import Order, print_json, say
from control.plan import by_host, gateway_of, tell_failure
from control.reach import HostFailedError, ask_all, reaches
from control.talk import Talk, close_all, talks
from fleet_file import CheckedFleet
from settings import Settings
from specs import docker_order, obstacle_spec
from wheelhouses import newest

ROLLED_BACK = 5


@dataclass
class Rollout:
    """One deploy: what it is about, and what became of every host."""

    checked: CheckedFleet
    hosts: Mapping[str, Sequence[GatewayInstance]]
    talk: Mapping[str, Talk]
    looker: Looker
    pool: Pool
    runs: dict[str, HostRun] = field(default_factory=dict)
    untouched: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unprepared: list[str] = field(default_factory=list)
    differing: dict[str, list[str]] = field(default_factory=dict)

    def fail(self, host: str, step: str, reason: str, hint: str = "") -> None:
        """A host that could not be changed at all, or whose release could not be prepared."""
        self.runs[host] = HostRun(host, failed=step, reason=reason, mended_by=hint)
        tell_failure(self.runs[host])

    @property
    def open(self) -> list[str]:
        """Hosts that did not fail and are not done."""
        return [host for host in self.hosts if host not in self.runs and host not in self.unchanged]

    @property
    def code(self) -> int:
        """0 all done · 1 a host failed · 5 what failed runs again as before."""
        failed = [found for found in self.runs.values() if found.failed]
        if not failed and not self.untouched:
            return 0
        return ROLLED_BACK if failed and all(found.rolled_back for found in failed) else 1


def run(order: Order) -> int:
    """Deploys. Raises FleetInvalidError, NothingSelectedError (3), LockedError (4)."""
    checked = load_for_hosts(order.path, Settings().wheelhouse, order.limits)
    for warning in checked.warnings:
        say(str(warning))
    hosts = by_host(selected(checked.instances, order.limits))
    return asyncio.run(_run(order, checked, hosts))


async def _run(order: Order, checked: CheckedFleet, hosts: Mapping[str, Sequence[GatewayInstance]]) -> int:
    began = time.monotonic()
    reach = reaches(checked.fleet, checked.path, checked.sudo_passwords)
    looker, pool = Looker(checked, len(hosts)), Pool(checked, len(hosts))
    try:
        async with talks({host: reach[host] for host in hosts}) as talk:
            rollout = Rollout(checked, hosts, talk, looker, pool)
            pythons = {host: newest(checked.wheelhouses_of(items)).python for host, items in hosts.items()}
            for error in await bring_python([(reach[host], python) for host, python in pythons.items()]):
                rollout.fail(error.host, error.step, error.cause, error.hint or "")
            async with locked([talk[host] for host in rollout.open], Holder.of("deploy")) as unreachable:
                for host, error in unreachable.items():
                    rollout.fail(host, error.step, error.cause, error.hint or "")
                await _obstacles(rollout)
                await _look(rollout)
                await _prepare(rollout)
                if rollout.open:  # this takes longer than a connection that nobody uses may live
                    await close_all(talk)
                await _roll(rollout)
    finally:
        looker.close()
        pool.close()
    _report(order, rollout, time.monotonic() - began)
    return rollout.code


async def _obstacles(rollout: Rollout) -> None:
    """Hosts where something is in the way fail before anything is written to them."""
    asked = []
    for host in rollout.open:
        specs = [obstacle_spec(item) for item in rollout.hosts[host]]
        everything = [obstacle_spec(item) for item in rollout.checked.on(host)]
        houses = rollout.checked.wheelhouses_of(rollout.hosts[host])
        platforms = sorted({house.platform for house in houses})
        order = {"platforms": platforms, "now": time.time(), "docker": docker_order(rollout.checked.fleet, host)}
        asked.append((rollout.talk[host], order | {"gateways": specs, "all": everything}))
    for (where, _), answer in zip(asked, await ask_all(asked, "before"), strict=True):
        if isinstance(answer, HostFailedError):
            rollout.fail(where.host, answer.step, answer.cause, answer.hint or "")
            continue
        problems = [Problem(**found) for found in answer]
        errors = [problem for problem in problems if problem.level == "error"]
        say(*(f"{where.host}: {problem}" for problem in problems if problem not in errors))
        if errors:
            told = "\n".join(f"[{problem.check}] {problem.message}; {problem.hint}" for problem in errors)
            rollout.fail(where.host, "checks", told, "nothing was written; mend this, then run the same command again")


async def _look(rollout: Rollout) -> None:
    """Hosts that are as wanted are left alone."""
    for found in await _looked(rollout, rollout.open):
        if not found.changed:
            rollout.unchanged.append(found.host)
        elif any(gateway_of(step) is None for step in found.changed):
            rollout.unprepared.append(found.host)


async def _looked(rollout: Rollout, hosts: Sequence[str]) -> list[HostRun]:
    """What differs on hosts that can be looked at; the gateways that do are noted."""
    names = {host: [item.name for item in rollout.hosts[host]] for host in hosts}
    looked = await asyncio.gather(*(rollout.looker.look(rollout.talk[host], names[host]) for host in hosts))
    for found in looked:
        if found.failed:
            rollout.fail(found.host, found.failed, found.reason, found.mended_by)
        differing = {gateway_of(step) for step in found.changed}
        rollout.differing[found.host] = [name for name in names[found.host] if name in differing]
    return [found for found in looked if not found.failed]


async def _prepare(rollout: Rollout) -> None:
    """Packages, users and the release on all hosts at once; no running gateway notices.

    What a look could not know before is known then: it is made once more.
    """
    done: dict[str, HostRun] = {}
    for found in await asyncio.gather(*(rollout.pool.run(host, (), part="host") for host in rollout.unprepared)):
        if found.failed:
            rollout.fail(found.host, found.failed, found.reason, found.mended_by)
            continue
        done[found.host] = found
        if found.changed:
            say(f"{found.host}: prepared in {found.seconds:.1f} s ({len(found.changed)} steps)")
    for seen in await _looked(rollout, list(done)):
        if not seen.changed:
            rollout.runs[seen.host] = done[seen.host]


async def _roll(rollout: Rollout) -> None:
    """One batch after the other; none after one that failed."""
    plan = rollout.checked.fleet.rollout
    todo = batches(rollout.open, plan)
    for index, batch in enumerate(todo):
        if index and plan.pause_s:
            await asyncio.sleep(plan.pause_s)
        names = rollout.differing
        for found in await asyncio.gather(*(rollout.pool.run(host, names[host], part="gateways") for host in batch)):
            rollout.runs[found.host] = found
            _tell(found)
        if any(rollout.runs[host].failed for host in batch):
            rollout.untouched = [host for later in todo[index + 1 :] for host in later]
            return


def _tell(found: HostRun) -> None:
    for gate in found.gates:
        if gate["outcome"] == "ready":
            say(f"{gate['id']}: ready on port {gate['port']} as pid {gate['pid']} after {gate['seconds']} s")
        elif gate["outcome"] == "disabled":
            say(f"{gate['id']}: stopped, as the fleet file says")
        elif gate["outcome"] == "adopted":
            imported = f"; from its unit to .env: {', '.join(gate['imported'])}" if gate["imported"] else ""
            say(f"{gate['id']}: taken over, copies of {', '.join(gate['files'])} are in before-fleet/{imported}")
        elif "variables" in gate:
            say(f"{gate['id']}: .env: {gate['outcome']} {', '.join(gate['variables'])}, not in the fleet file")
    if found.failed:
        tell_failure(found)
    for gate in found.gates:
        if gate["outcome"] == "rolled back":
            say(f"  {gate['id']} {gate['back']}")


def _report(order: Order, rollout: Rollout, seconds: float) -> None:
    """The end, in a few lines or as one document."""
    rows: list[dict[str, Any]] = []
    for host in rollout.hosts:
        found = rollout.runs.get(host, HostRun(host))
        state = "failed" if found.failed else "unchanged" if host in rollout.unchanged else "changed"
        state = "rolled back" if found.rolled_back else "untouched" if host in rollout.untouched else state
        changed = sorted({name for step in found.changed if (name := gateway_of(step))})
        row = {"host": host, "state": state, "gateways": changed, "gates": list(found.gates), "seconds": found.seconds}
        rows.append(row | {"failed": found.failed, "reason": found.reason or None, "hint": found.hint or None})
    chosen = [item for items in rollout.hosts.values() for item in items]
    releases = [house.release for house in rollout.checked.wheelhouses_of(chosen)]
    if order.as_json:
        print_json({"ok": rollout.code == 0, "releases": releases, "seconds": round(seconds, 1), "hosts": rows})
        return
    counts = {
        state: sum(row["state"] == state for row in rows) for state in dict.fromkeys(row["state"] for row in rows)
    }
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    print(f"{', '.join(releases)}: {told} ({seconds:.1f} s)")
    if rollout.untouched:
        say(f"not touched after the failure: {', '.join(rollout.untouched)}")
