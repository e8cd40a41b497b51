"""Runs on a host: decides whether a gateway that was just started is the right one and well (deploy §8).

Standard library only: it must work while the release under test does not.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from machine import Unit, ancestry, describe, listening, owners

ANSWER_TIMEOUT_S = 10
"""What is only slow on a busy host must not be taken for dead: a deploy would restart it."""
LONGEST_ANSWER = 2**20
PERMANENT = "78"
KEEPS_DYING = 3
SETTLE_POLL_S = 0.5


class NotYetError(Exception):
    """The gateway is not there yet; may change by itself."""


class FailedError(Exception):
    """Waiting longer cannot help."""


class Gate:
    """Decides whether the gateway that was just started is the right one and well. Call `look` until it returns."""

    def __init__(self, unit: Unit, wish: dict[str, Any]) -> None:
        self._unit = unit
        self._wish = wish
        self.step = "unit"

    def look(self) -> int:
        """The pid that passed every step. Raises NotYetError or FailedError; `step` says where."""
        pid = self._running()
        self._listening(pid)
        self._live()
        self._started()
        self._ready()
        self.step = "unit"
        if self._running() != pid:
            raise NotYetError("the process was replaced while it was being looked at")
        return pid

    def settle(self) -> None:
        """Returns when the process that passed has run for long enough. Raises as `look` does."""
        while (age := self._age_s()) < self._wish["settleS"]:
            time.sleep(min(SETTLE_POLL_S, self._wish["settleS"] - age))
            self._running()

    def _age_s(self) -> float:
        """Seconds since the process began; a great many where nobody can tell."""
        state = self._unit.show()
        began = state.get("ExecMainStartTimestampMonotonic") or state.get("ActiveEnterTimestampMonotonic") or "0"
        return time.monotonic() - int(began) / 1_000_000

    def _running(self) -> int:
        self.step = "unit"
        state = self._unit.show()
        told = f"{state.get('ActiveState', 'unreachable')}/{state.get('SubState', '?')}"
        told += f", last exit {state.get('ExecMainStatus', '?')}, {state.get('NRestarts', '?')} restarts"
        if state.get("ActiveState") == "failed":
            why = " (config, port or lock: it will not be retried)" if state.get("ExecMainStatus") == PERMANENT else ""
            raise FailedError(f"{self._unit.name} is {told}{why}{self._holder()}")
        if state.get("NRestarts", "0").isdigit() and int(state.get("NRestarts", "0")) >= KEEPS_DYING:
            raise FailedError(f"{self._unit.name} keeps dying: {told}{self._holder()}")
        if (state.get("ActiveState"), state.get("SubState")) != ("active", "running"):
            raise NotYetError(f"{self._unit.name} is {told}")
        return int(state["MainPID"])

    def _listening(self, pid: int) -> None:
        self.step = "listener"
        inodes = listening(self._wish["port"])
        if not inodes:
            raise NotYetError(f"nothing listens on port {self._wish['port']}")
        holders = owners(inodes)
        if not holders:
            raise FailedError(f"port {self._wish['port']} is held by a process that may not be seen (CAP_SYS_PTRACE?)")
        if not any(pid in ancestry(holder) for holder in holders):
            raise NotYetError(f"port {self._wish['port']} does not belong to process {pid} of the unit{self._holder()}")

    def _live(self) -> None:
        self.step = "healthz"
        status, body = answer(self._wish["port"], "/healthz")
        if body.get("ok") is not True or body.get("status") != "live":
            raise NotYetError(f"/healthz answers {status} {told(body)}")

    def _started(self) -> None:
        self.step = "startupz"
        status, body = answer(self._wish["port"], "/startupz")
        if body.get("ok") is not True or body.get("status") != "started":
            raise NotYetError(f"/startupz answers {status} {told(body)}")
        if self._wish["version"] is not None and body.get("version") != self._wish["version"]:
            raise FailedError(f"runs version {body.get('version')}, wanted is {self._wish['version']}")

    def _ready(self) -> None:
        self.step = "readyz"
        policy = self._wish["policy"]
        if policy == "started":
            return
        status, body = answer(self._wish["port"], "/readyz")
        failing = names(body.get("failing"))
        if not isinstance(body.get("ready"), bool):
            raise NotYetError(f"/readyz answers {status} {told(body)}")
        fresh = failing if policy == "strict" else [name for name in failing if name not in self._wish["before"]]
        if fresh or (not body["ready"] and (policy == "strict" or not failing)):
            raise NotYetError(f"/readyz answers {status}, failing: {', '.join(fresh) or 'not said'}")

    def _holder(self) -> str:
        holders = [describe(pid) for pid in owners(listening(self._wish["port"]))]
        return f"; port {self._wish['port']} is held by {' and '.join(holders)}" if holders else ""


def answer(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of a local GET. Raises NotYetError when there is neither."""
    try:
        head, _, text = reply(port, path).partition(b"\r\n\r\n")
    except OSError as error:
        raise NotYetError(f"{path} does not answer: {error}") from None
    status = head.partition(b"\r\n")[0].split()
    code = int(status[1]) if len(status) > 1 and status[1].isdigit() else 0
    try:
        body = json.loads(text)
    except ValueError:
        # A web page answers every unknown path with 200; only JSON is a gateway's word.
        raise NotYetError(f"{path} answers {code} without JSON") from None
    return code, body if isinstance(body, dict) else {}


def reply(port: int, path: str) -> bytes:
    """Head and body of a local GET; by hand, as the library's client takes longer to load than a look takes in all.

    Raises OSError, also when the whole of it does not come in time: byte by byte it could last for ever.
    """
    got, deadline = b"", time.monotonic() + ANSWER_TIMEOUT_S
    with socket.create_connection(("127.0.0.1", port), ANSWER_TIMEOUT_S) as sock:
        sock.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        while len(got) < LONGEST_ANSWER and (more := sock.recv(65_536)):
            got += more
            if time.monotonic() > deadline:
                raise TimeoutError(f"not all of it came within {ANSWER_TIMEOUT_S} s")
    return got


def quietly(port: int, path: str) -> dict[str, Any]:
    """The JSON object of a local GET; empty when there is none."""
    try:
        return answer(port, path)[1]
    except NotYetError:
        return {}


def names(failing: object) -> list[str]:
    """The entries of `failing` as text, whatever their shape."""
    entries = failing if isinstance(failing, list) else []
    return [entry if isinstance(entry, str) else json.dumps(entry, sort_keys=True) for entry in entries]


def told(body: dict[str, Any]) -> str:
    """A JSON object, short enough for a message."""
    return json.dumps(body)[:200]
