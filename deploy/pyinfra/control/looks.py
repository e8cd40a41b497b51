"""Looks at hosts: the very steps of a deploy say what they would change, from facts that a host answers all at once.

The steps are gone through without a connection. What they ask and nobody knows yet goes to the host as one order, and
they are gone through again with the answers, until nothing is open: two or three times, where pyinfra by itself makes
a round trip for every fact. It happens in a process of its own, as pyinfra takes long to load: meanwhile hosts answer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from control.converge import (
    HostRun,
    Trouble,
    known_fleet,
    list_steps,
    process_ended,
    processes,
    unconnected,
    without_secrets,
)
from control.reach import HostFailedError
from control.talk import Talk
from fleet_file import CheckedFleet

Answer = tuple[int, str, str]
HOSTS_PER_PROCESS = 8
MOST_ROUNDS = 20
ENDLESS_CURE = "what answers differently each time on that host? else a defect of the recipes: please report it"


class Looker:
    """Decides what a deploy would change."""

    def __init__(self, checked: CheckedFleet, hosts: int) -> None:
        self._checked = checked
        workers = max(1, min(os.cpu_count() or 1, hosts // HOSTS_PER_PROCESS))
        self._pool: ProcessPoolExecutor = processes(checked, workers)
        for _ in range(workers):
            self._pool.submit(_load)

    async def look(self, talk: Talk, gateways: Sequence[str]) -> HostRun:
        """One host. What it does not answer is a failure and never `as wanted`."""
        loop = asyncio.get_running_loop()
        known: dict[str, Answer] = {}
        for _ in range(MOST_ROUNDS):
            try:
                found, questions = await loop.run_in_executor(self._pool, _decide, talk.host, tuple(gateways), known)
            except BrokenProcessPool:
                return process_ended(talk.host)
            if not questions:
                return without_secrets(found, self._checked)
            try:
                answers = await talk.ask("questions", {"questions": questions})
            except HostFailedError as error:
                return HostRun(talk.host, failed=error.step, reason=error.cause, mended_by=error.hint or "")
            known |= {question: tuple(answer) for question, answer in zip(questions, answers, strict=True)}
        return HostRun(talk.host, failed="look", reason=endless(questions), mended_by=ENDLESS_CURE)

    def close(self) -> None:
        """Ends the processes. Python waits for them at its own end anyway, and trips over those that end meanwhile."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def endless(questions: Sequence[str]) -> str:
    """Why a look was given up."""
    return f"after {MOST_ROUNDS} rounds of questions there is still one without an answer: {questions[-1]}"


def _load() -> None:
    """Loads what takes long before it is needed. Runs in a process of its own, as does what follows."""
    import tasks.host  # noqa: F401


def _decide(host_name: str, gateways: tuple[str, ...], known: Mapping[str, Answer]) -> tuple[HostRun, list[str]]:
    """What would change as far as it is known, and the questions that are open."""
    from control.known import KnownHost

    state, host = unconnected(known_fleet(), host_name, changes=False)
    host.connector = there = KnownHost(state, host, known)
    trouble = Trouble()
    with trouble:
        list_steps(state, host, gateways, "all")
    if trouble.said:
        return HostRun(host_name, failed="look", reason=trouble.said), there.open
    return HostRun(host_name, _would_change(state, host)), there.open


def _would_change(state: Any, host: Any) -> tuple[str, ...]:
    """The names of the operations that have something to do, in order."""
    metas = {key: state.get_op_data_for_host(host, key).operation_meta for key in state.get_op_order()}
    return tuple(next(iter(state.get_op_meta(key).names)) for key, meta in metas.items() if meta.will_change)
