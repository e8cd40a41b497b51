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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from clawfleet.core.errors import HostError
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
            return HostRun(host, failed="pyinfra", reason="its process ended; run the command again")
        return self._without_secrets(done)

    def close(self) -> None:
        """Ends the processes."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _without_secrets(self, done: HostRun) -> HostRun:
        text = done.reason
        for value in self._checked.secret_values():
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
    threading.Thread(target=_end_with, args=(os.getppid(), time.sleep), daemon=True).start()
    _checked.append(checked)
    for name in ("pyinfra", "paramiko"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False


@cache
def _connectable() -> None:
    """Makes this process one that pyinfra can connect from; with its first host, as loading takes long."""
    from gevent import monkey  # type: ignore[import-untyped]

    monkey.patch_all()
    import gevent
    import pyinfra.api.connect  # noqa: F401

    # A connection that is cut ends a greenlet; it is told as the host's failure and not as a traceback.
    gevent.get_hub().NOT_ERROR += _expected()


def _expected() -> tuple[type[Exception], ...]:
    """What ends the work on a host that fails or whose connection is cut."""
    from paramiko import SSHException
    from pyinfra.api.exceptions import PyinfraError

    return (PyinfraError, SSHException, OSError, EOFError)


def _end_with(parent: int, sleep: Callable[[float], None]) -> None:
    """Ends this process when its parent is gone: nobody would hold the hosts' locks any more. `sleep` is unpatched."""
    while os.getppid() == parent:
        sleep(0.5)
    os._exit(1)


def _converge(host_name: str, gateways: tuple[str, ...], part: Part) -> HostRun:
    """Runs in a process of the pool."""
    _connectable()
    from pyinfra.api import Config, Inventory, State
    from pyinfra.api.exceptions import ConnectError

    from hosts import notice_silence, pyinfra_host
    from sudo import become_root

    began = time.monotonic()
    checked = known_fleet()
    name, data = pyinfra_host(checked.fleet, checked.on(host_name)[0], checked.path.parent)
    inventory = Inventory(([(name, data)], {}))  # type: ignore[no-untyped-call]
    state = State(inventory, Config(), check_for_changes=False)  # type: ignore[no-untyped-call]
    host = state.inventory.get_host(name)
    trouble = Trouble()
    try:
        host.connect(show_errors=False, raise_exceptions=True)
    except ConnectError as error:
        return HostRun(host_name, failed="connect", reason=str(error))
    try:
        with trouble:
            notice_silence(host)
            if said := become_root(host, checked.sudo_passwords.get(host_name)):
                return HostRun(host_name, failed="sudo", reason=said)
            state.activate_host(host)
            with current(state, host):
                _plan(checked, host_name, gateways, part)
        if trouble.said:
            return HostRun(host_name, failed="look", reason=trouble.said, seconds=time.monotonic() - began)
        _act(state, trouble)
        done = _told(host_name, state, host, trouble=trouble.said)
        return replace(done, seconds=time.monotonic() - began)
    finally:
        with trouble:  # the connection may be gone
            host.disconnect()


def _plan(checked: CheckedFleet, host_name: str, gateways: tuple[str, ...], part: Part) -> None:
    """Reads the host and lists the operations."""
    from tasks.host import place_gateways, prepare_host

    instances = [item for item in checked.on(host_name) if item.name in gateways]
    if part != "gateways":
        prepare_host(checked, checked.on(host_name))
    if part != "host":
        place_gateways(checked, instances)


def _act(state: Any, trouble: Trouble) -> None:
    """Carries the operations out, until one fails."""
    from pyinfra.api.operations import run_ops

    with trouble:
        run_ops(state)


class Trouble(logging.Handler):
    """What pyinfra complains of, and what ends its work, as text; a block under it ends instead of raising."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._lines: list[str] = []
        self._ended = ""

    @property
    def said(self) -> str:
        """The complaints, else what ended the work; empty when all went well."""
        return ("\n".join(self._lines) or self._ended) if self._ended else ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one complaint, without colours and without the host's name before it."""
        text = re.sub(r"\x1b\[[0-9;]*m", "", record.getMessage()).strip()
        line = re.sub(r"^\[[^]]+\] +", "", text)
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


@contextmanager
def current(state: Any, host: Any) -> Iterator[None]:
    """Within it, operations are about that host."""
    from pyinfra.context import ctx_host, ctx_state

    with ctx_state.use(state), ctx_host.use(host):
        yield


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
