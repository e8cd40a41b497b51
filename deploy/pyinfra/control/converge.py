"""Brings hosts to what the fleet says with pyinfra, each host in a process of a small pool. Needs the `deploy` extra.

One host is one pyinfra state: its operations run strictly in order, and what each did is known by name. The secrets
are in the memory that the processes are forked with; they are in no argument and in no pipe.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import multiprocessing
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from clawfleet.core.errors import HostError
from control.reach import HostFailedError, reaches
from fleet_file import CheckedFleet
from mends import mend

CUT = "the connection was cut"
Part = Literal["all", "host", "gateways"]


class HandsMissingError(HostError):
    """pyinfra is not installed."""

    code = "PYINFRA_MISSING"


@dataclass(frozen=True)
class HostRun:
    """What became of one host. `changed` and `failed` are names of operations; `gates` are reports of the gate."""

    host: str
    changed: tuple[str, ...] = ()
    failed: str | None = None
    reason: str = ""
    gates: tuple[dict[str, Any], ...] = field(default=())
    seconds: float = 0.0

    mended_by: str = ""

    @property
    def hint(self) -> str:
        """What helps against the failure; empty when there is none."""
        return self.mended_by or mend(self.reason) if self.failed else ""

    @property
    def rolled_back(self) -> bool:
        """Whether the gateway that failed runs again as before."""
        return any(gate["outcome"] == "rolled back" for gate in self.gates)


class Pool:
    """Processes with pyinfra in them."""

    def __init__(self, checked: CheckedFleet, hosts: int) -> None:
        workers = max(1, min(hosts, 2 * (os.cpu_count() or 1)))
        self._checked = checked
        self._pool = processes(checked, workers)

    async def run(self, host: str, gateways: Sequence[str], *, part: Part = "all") -> HostRun:
        """One host, all of it or a part."""
        loop = asyncio.get_running_loop()
        try:
            done = await loop.run_in_executor(self._pool, _converge, host, tuple(gateways), part)
        except BrokenProcessPool:
            return process_ended(host)
        return without_secrets(done, self._checked)

    def close(self) -> None:
        """Ends the processes."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def process_ended(host: str) -> HostRun:
    """What is told of a host when the process that worked on it was killed."""
    return HostRun(host, failed="pyinfra", reason="its process ended; run the command again")


def without_secrets(done: HostRun, checked: CheckedFleet) -> HostRun:
    """The same with every secret value taken out of its reason."""
    text = done.reason
    for value in checked.secret_values():
        text = text.replace(value, "***")
    return replace(done, reason=text)


def processes(checked: CheckedFleet, workers: int) -> ProcessPoolExecutor:
    """Processes that know the fleet and may load pyinfra. Raises HandsMissingError."""
    if importlib.util.find_spec("pyinfra") is None:
        raise HandsMissingError(
            "this needs pyinfra, which is not installed here", hint="pip install 'clawfleet[deploy]'"
        )
    # Forked and not spawned: what a child knows of secrets is this process's memory. Forked at once, with the first
    # work: a later child would hold open whatever connections there are by then.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), initializer=_prepare, initargs=(checked,))
    pool.submit(os.getpid)
    return pool


_checked: list[CheckedFleet] = []


def known_fleet() -> CheckedFleet:
    """The fleet that this process was made for."""
    return _checked[0]


def _prepare(checked: CheckedFleet) -> None:
    """Makes this process one that knows the fleet, and that ends with the one that gives it work."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _checked.append(checked)
    for name in ("pyinfra", "paramiko"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False


def _expected() -> tuple[type[Exception], ...]:
    """What ends the work on a host that fails or whose connection is cut."""
    from pyinfra.api.exceptions import PyinfraError

    return (PyinfraError, OSError)


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone: nobody would hold the hosts' locks any more."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _converge(host_name: str, gateways: tuple[str, ...], part: Part) -> HostRun:
    """Runs in a process of the pool."""
    from control.reached import ReachedHost

    began = time.monotonic()
    checked = known_fleet()
    reach = reaches(checked.fleet, checked.path, checked.sudo_passwords)[host_name]
    with asyncio.Runner() as runner:
        state, host = unconnected(checked, host_name, changes=True)
        host.connector = there = ReachedHost(state, host, reach, runner)
        try:
            there.connect()
            done = _gone_through(state, host, gateways, part)
        except HostFailedError as error:
            return HostRun(host_name, failed=error.step, reason=error.cause, mended_by=error.hint or "")
        finally:
            there.disconnect()
    return replace(done, seconds=time.monotonic() - began)


def unconnected(checked: CheckedFleet, host_name: str, *, changes: bool) -> tuple[Any, Any]:
    """pyinfra's state of one host that a connector is still to be given to; its operations act, or only look."""
    from pyinfra.api import Config, Inventory, State

    from hosts import pyinfra_host

    _, data = pyinfra_host(checked.fleet, checked.on(host_name)[0], checked.path.parent)
    inventory = Inventory(([("@local", data)], {}))  # type: ignore[no-untyped-call]
    state = State(inventory, Config(), check_for_changes=not changes)  # type: ignore[no-untyped-call]
    host = state.inventory.get_host("@local")
    host.connected = True
    state.activate_host(host)
    return state, host


def _gone_through(state: Any, host: Any, gateways: Sequence[str], part: Part) -> HostRun:
    """Lists the operations, which reads the host, and carries them out until one fails."""
    name: str = host.data.fleet_host
    trouble = Trouble()
    with trouble:
        list_steps(state, host, gateways, part)
    if trouble.said:
        return HostRun(name, failed="look", reason=trouble.said)
    return carried_out(name, state, host)


def carried_out(name: str, state: Any, host: Any) -> HostRun:
    """Runs the listed operations until one fails."""
    from pyinfra.api.operations import run_ops

    trouble = Trouble()
    with trouble:
        # Serial, which is all the same for one host, has no greenlet to print a traceback when a read is cut.
        run_ops(state, serial=True)
    return _told(name, state, host, trouble=trouble.said)


def list_steps(state: Any, host: Any, gateways: Sequence[str], part: Part) -> None:
    """The operations of a host, or of a part of it, are in the state."""
    from pyinfra.context import ctx_host, ctx_state

    from tasks.host import place_gateways, prepare_host

    with ctx_state.use(state), ctx_host.use(host):
        there = known_fleet().on(host.data.fleet_host)
        if part != "gateways":
            prepare_host(known_fleet(), there)
        if part != "host":
            place_gateways(known_fleet(), [item for item in there if item.name in gateways])


SOCKET_ERROR = re.compile(r"^Command socket/SSH error: \w+\(['\"](.*)['\"],?\)$")
"""How pyinfra tells that a connection ended under a command."""


class Trouble(logging.Handler):
    """What pyinfra complains of, and what ends its work, as text; a block under it ends instead of raising."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._lines: list[str] = []
        self._ended = ""

    @property
    def said(self) -> str:
        """The complaints, else what ended the work; empty when all went well."""
        plain = [line for line in self._lines if not line.startswith("Error: could not load fact: ")]
        return ("\n".join(plain or self._lines) or self._ended) if self._ended else ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one complaint, without colours and without the host's name before it."""
        text = re.sub(r"\x1b\[[0-9;]*m", "", record.getMessage()).strip()
        line = SOCKET_ERROR.sub(r"\1", re.sub(r"^\[[^]]+\] +", "", text))
        if not line.startswith("Error: executed "):  # pyinfra's count of commands tells nobody anything
            self._lines.append(line)

    def __enter__(self) -> None:
        logging.getLogger("pyinfra").addHandler(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        logging.getLogger("pyinfra").removeHandler(self)
        if not isinstance(error, _expected()):
            return False
        # pyinfra's own end of a run: the host failed, and when it did not say why, it could not any more.
        self._ended = str(error).replace("No hosts remaining!", "") or CUT
        return True


def _told(host_name: str, state: Any, host: Any, *, trouble: str) -> HostRun:
    """What every operation did, in order. One that was begun and did not end has failed."""
    changed: list[str] = []
    gates: list[dict[str, Any]] = []
    failed, reason = None, ""
    for key in state.get_op_order():
        meta = state.get_op_data_for_host(host, key).operation_meta
        (name,) = state.get_op_meta(key).names
        if not meta.is_complete():
            failed, reason = (failed, reason) if failed or not trouble else (name, trouble)
        else:
            gates += _reports(meta.stdout_lines)
            if meta.did_error():
                failed = name
                reason = "\n".join(meta.stderr_lines or meta.stdout_lines) or trouble or CUT
            elif meta.did_change():
                changed.append(name)
    return HostRun(host_name, tuple(changed), failed, reason, tuple(gates))


def _reports(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.startswith('{"id"'):
            yield json.loads(line)
