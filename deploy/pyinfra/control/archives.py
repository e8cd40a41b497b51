"""`backup` and `restore`: archives on the hosts, pulled here when asked for, and put back on this or another host."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from clawfleet.core.errors import NotFoundError, RequestError
from clawfleet.fleet.selection import the_one
from control.locks import Holder, locked, whoami
from control.order import Chosen, Order, chosen, complain, print_json, say
from control.reach import HostFailedError, Reach, ask_all, end
from control.unit_verbs import enabled
from specs import whole_spec

KEEP = 14
STATE = "-openclaw-backup.tar.gz"
WORKSPACE = "-workspace.tar.gz"
KINDS = {"state": STATE, "workspace": WORKSPACE}
RECEIVE = 'umask 077 && mkdir -p "$(dirname "$0")" && cat >"$0.new" && mv -f "$0.new" "$0"'


def run(order: Order) -> int:
    """0 when every archive was made or put back, else 1."""
    found = chosen(order)
    if order.verb == "backup":
        return asyncio.run(_backup(order, found))
    return asyncio.run(_restore(order, found, archive_of(order)))


async def _backup(order: Order, found: Chosen) -> int:
    hosts = found.by_host()
    asked = [
        (
            found.reach[host],
            {
                "gateways": [whole_spec(item, found.fleet.rollout) for item in items],
                "keep": order.options.get("keep") or KEEP,
                "by": whoami(),
            },
        )
        for host, items in hosts.items()
    ]
    answers = await ask_all(asked, "backup")
    failed = [answer for answer in answers if isinstance(answer, HostFailedError)]
    reports: list[dict[str, Any]] = []
    for (reach, _), items, answer in zip(asked, hosts.values(), answers, strict=True):
        for item, report in zip(items, answer, strict=True) if isinstance(answer, list) else ():
            reports.append(report)
            if report["outcome"] == "ready" and order.options.get("pull"):
                try:
                    report["pulled"] = await pull(reach, report, Path(order.options["pull"]) / item.id)
                except HostFailedError as unread:
                    failed.append(unread)
    for error in failed:
        complain(error)
    for report in reports:
        _tell(report)
    if order.as_json:
        print_json({"ok": not failed and all(item["outcome"] == "ready" for item in reports), "backups": reports})
    return 1 if failed or any(report["outcome"] != "ready" for report in reports) else 0


def archive_of(order: Order) -> Path:
    """The archive that was named. Raises RequestError, NotFoundError."""
    archive = Path(order.options["archive"]).absolute()
    wanted = f"name an archive that ends in {STATE}"
    if not archive.exists():
        raise NotFoundError(f"{archive} does not exist", hint=f"{wanted}; openclaw fleet backup --pull DIR brings some")
    if archive.is_dir():
        raise RequestError(f"{archive} is a directory", hint=f"{wanted}, for example one below it")
    if not archive.name.endswith(STATE):
        raise RequestError(f"{archive} is no backup of a state", hint=wanted)
    return archive


async def _restore(order: Order, found: Chosen, archive: Path) -> int:
    item = the_one(found.instances, ())
    enabled({item.host: [item]})
    workspace = archive.with_name(archive.name.removesuffix(STATE) + WORKSPACE)
    reach = found.reach[item.host]
    async with locked([reach], Holder.of("restore")) as unreachable:
        for error in unreachable.values():
            raise error
        shelf = whole_spec(item, found.fleet.rollout)["backups"]
        sent = {"state": await push(reach, archive, shelf)}
        if workspace.is_file():
            sent["workspace"] = await push(reach, workspace, shelf)
        asked = {"gateway": whole_spec(item, found.fleet.rollout), "by": whoami(), **sent}
        report = await reach.ask("restore", asked)
    if report["outcome"] == "ready":
        say(f"{item.id}: restored and ready as pid {report['pid']}")
    _tell(report)
    if order.as_json:
        print_json({"ok": report["outcome"] == "ready", **report})
    return 0 if report["outcome"] == "ready" else 1


def _tell(report: dict[str, Any]) -> None:
    if report["outcome"] != "ready":
        say(f"✗ {report['id']}: {report['reason']}", f"  {report['hint']}")
    elif "state" in report:
        say(f"{report['id']}: {report.get('pulled', {}).get('state') or report['state']}")


async def pull(reach: Reach, report: dict[str, Any], place: Path) -> dict[str, str]:
    """The archives on this machine in `place`, readable by their owner only. Raises HostFailedError."""
    targets = _targets(reach, report, place)
    for kind, target in targets.items():
        await _fetch(reach, report[kind], target)
    return {kind: str(target) for kind, target in targets.items()}


def _targets(reach: Reach, report: dict[str, Any], place: Path) -> dict[str, Path]:
    """Where the archives come to lie, in a directory that is there. Raises HostFailedError.

    Of the paths that a host tells only the last name counts here, and only if it is one of a backup: a host that
    somebody took over must not choose where its bytes lie on the operator's machine.
    """
    targets = {kind: place / Path(report[kind]).name for kind in KINDS}
    for kind, target in targets.items():
        if not target.name.endswith(KINDS[kind]):
            raise reach.failed("pull", 1, f"{target.name} is no name of a backup")
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return targets


async def _fetch(reach: Reach, path: str, target: Path) -> None:
    """The whole file, or none of it. Raises HostFailedError."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            process = await asyncio.create_subprocess_exec(
                *reach.command("cat", path), stdin=asyncio.subprocess.PIPE, stdout=file
            )
            try:
                await process.communicate(reach.prelude)
            finally:
                await end(process)
        if process.returncode:
            raise reach.failed("pull", process.returncode, f"{path} cannot be read")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


async def push(reach: Reach, archive: Path, shelf: str) -> str:
    """An archive on the host, in root's own directory."""
    target = f"{shelf}/{archive.name}"
    code, said = await reach.send(archive, ["sh", "-c", RECEIVE, target])
    if code:
        raise reach.failed("push", code, said)
    return target
