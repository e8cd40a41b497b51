"""The deploy lock of every host: taken before anything changes, given back at the end; `lock` shows and releases it."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import socket
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clawfleet.core.errors import HostError
from clawfleet.core.tasks import Tasks
from control.order import Order, chosen, complain, print_json, print_table, say
from control.reach import Asks, HostFailedError, ask_all

RENEW_S = 900
"""A quarter of what a lock is worth on a host (see remote/deploy_lock.py): a deploy may last longer than that."""


class LockedError(HostError):
    """Somebody else deploys to one of the hosts."""

    code = "FLEET_LOCKED"
    exit_code = 4


@dataclass(frozen=True)
class Holder:
    """Who deploys: shown to whoever comes second."""

    id: str
    by: str
    verb: str

    @classmethod
    def of(cls, verb: str) -> Holder:
        """This process."""
        return cls(f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}", whoami(), verb)


def whoami() -> str:
    """Who types, and where, for locks and logs."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


@contextlib.asynccontextmanager
async def locked(reaches: Sequence[Asks], holder: Holder) -> AsyncIterator[dict[str, HostFailedError]]:
    """Holds the locks of all hosts that answer; gives those that do not, with the reason.

    Raises LockedError, with no lock kept, when somebody holds one of them.
    """
    asked = {"id": holder.id, "by": holder.by, "verb": holder.verb, "pid": os.getpid()}
    before = await ask_all([(reach, None) for reach in reaches], "holder")
    gone = [found["holder"]["id"] for found in before if isinstance(found, dict) and is_gone(found["holder"])]
    # A host that did not answer is not asked again: a wrong password would be tried twice.
    again = [reach for reach, found in zip(reaches, before, strict=True) if not isinstance(found, HostFailedError)]
    ours, renewing = again, Tasks()
    try:
        locks = await ask_all([(reach, asked | {"gone": gone}) for reach in again], "lock")
        answers = list(zip(again, locks, strict=True))
        ours = [reach for reach, answer in answers if isinstance(answer, HostFailedError) or answer["taken"]]
        for reach, answer in answers:
            if reach not in ours:
                raise LockedError(
                    f"{reach.host} is locked by {told(answer)}",
                    hint="wait until it is done; if it is not running any more: openclaw fleet lock --release",
                )
        held = [reach for reach, answer in answers if isinstance(answer, dict) and answer["taken"]]
        renewing.start(_renew(held, asked), name="locks")
        yield {error.host: error for error in [*before, *locks] if isinstance(error, HostFailedError)}
    finally:
        await renewing.close()
        await give_back(ours, holder)


async def _renew(held: Sequence[Asks], asked: dict[str, Any]) -> None:
    """Has the locks' time begin again, until it is cancelled."""
    while True:
        await asyncio.sleep(RENEW_S)
        await ask_all([(reach, asked) for reach in held], "lock")


async def give_back(reaches: Sequence[Asks], holder: Holder) -> None:
    """Opens what the holder locked; also where nobody knows whether it did, as the answer did not come."""
    answers = await ask_all([(reach, {"id": holder.id}) for reach in reaches], "unlock")
    for error in answers:
        if isinstance(error, HostFailedError):
            say(f"{error.host}: it may still be locked ({error.cause}); openclaw fleet lock --release opens it")


def is_gone(holder: dict[str, Any]) -> bool:
    """Whether the holder was a process of this machine that does not run any more."""
    machine, _, rest = str(holder.get("id", "")).partition(":")
    pid = rest.partition(":")[0]
    return machine == socket.gethostname() and pid.isdigit() and not Path(f"/proc/{pid}").exists() and not alive(pid)


def alive(pid: str) -> bool:
    """Whether a process of that id runs here."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def told(found: dict[str, Any]) -> str:
    """The holder in words."""
    holder = found["holder"]
    verb = f" ({holder['verb']})" if holder.get("verb") else ""
    return f"{holder.get('by', 'somebody')}{verb} since {found.get('heldS', '?')} s"


def run(order: Order) -> int:
    """`lock`: 0 when no host is locked, or all were released; 4 when one is."""
    return asyncio.run(_run(order))


async def _run(order: Order) -> int:
    found = chosen(order)
    hosts = [found.reach[host] for host in found.by_host()]
    if order.options.get("release"):
        answers = await ask_all([(reach, {"force": True}) for reach in hosts], "unlock")
    else:
        answers = await ask_all([(reach, None) for reach in hosts], "holder")
    failed = [answer for answer in answers if isinstance(answer, HostFailedError)]
    held = {
        reach.host: answer
        for reach, answer in zip(hosts, answers, strict=True)
        if isinstance(answer, dict) and "holder" in answer
    }
    if order.as_json:
        print_json({"locks": held, "failed": [str(error) for error in failed]})
    else:
        rows = [(host, told(answer)) for host, answer in held.items()]
        if rows or not failed:
            print_table(("host", "held by"), rows or [("all", "nobody")])
        for error in failed:
            complain(error)
    if failed:
        return 1
    return 0 if order.options.get("release") or not held else LockedError.exit_code
