"""Runs on a host, as root: tells the state of one gateway's unit, or restarts it and waits until it is good.

    gateway_unit.py status SPEC     state as JSON on standard output
    gateway_unit.py apply           wish as JSON on standard input; exit 1 names the step that failed

Standard library only: it must work while the release under test does not. The steps are those of deploy §8.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

POLL_S = 0.25
ANSWER_TIMEOUT_S = 3
PERMANENT = "78"
LISTEN = "0A"
PROC = Path("/proc")
SECRET_FLAG = re.compile(r"(--(?:token|password|api-key)[ =])\S+")


class NotYetError(Exception):
    """The gateway is not there yet; may change by itself."""


class FailedError(Exception):
    """Waiting longer cannot help."""


class Unit:
    """One systemd unit of one scope, addressed so that it works without a login session."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.name: str = spec["unit"]
        self.user: str = spec["user"]
        self._scope: str = spec["scope"]

    def systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs one verb; never raises for its exit code."""
        return subprocess.run([*self._prefix(), *words], capture_output=True, text=True, check=False)

    def show(self) -> dict[str, str]:
        """The properties that the gate looks at; empty when the service manager cannot be reached."""
        names = "LoadState,ActiveState,SubState,MainPID,ExecMainStatus,NRestarts,UnitFileState,NeedDaemonReload"
        lines = self.systemctl("show", "-p", names, self.name).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def journal(self, lines: int) -> list[str]:
        """The unit's last log lines."""
        field = "_SYSTEMD_UNIT" if self._scope == "system" else "_SYSTEMD_USER_UNIT"
        match = [f"{field}={self.name}", f"_UID={pwd.getpwnam(self.user).pw_uid}"]
        words = ["journalctl", "--no-pager", "-q", "-o", "cat", "-n", str(lines), *match]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()

    def _prefix(self) -> list[str]:
        if self._scope == "system":
            return ["systemctl"]
        runtime = f"XDG_RUNTIME_DIR=/run/user/{pwd.getpwnam(self.user).pw_uid}"
        return ["runuser", "-u", self.user, "--", "env", runtime, "systemctl", "--user"]


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

    def _running(self) -> int:
        self.step = "unit"
        state = self._unit.show()
        told = f"{state.get('ActiveState', 'unreachable')}/{state.get('SubState', '?')}"
        told += f", last exit {state.get('ExecMainStatus', '?')}, {state.get('NRestarts', '?')} restarts"
        if state.get("ActiveState") == "failed":
            why = " (config, port or lock: it will not be retried)" if state.get("ExecMainStatus") == PERMANENT else ""
            raise FailedError(f"{self._unit.name} is {told}{why}{self._holder()}")
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
            raise FailedError(f"root may not see which process holds port {self._wish['port']} (no CAP_SYS_PTRACE)")
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
        if body.get("version") != self._wish["version"]:
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


def status(spec: dict[str, Any]) -> dict[str, Any]:
    """What facts/gateways.py reads."""
    unit = Unit(spec)
    try:
        shown = unit.show()
    except KeyError:  # the user does not exist yet
        shown = {}
    active = shown.get("ActiveState") == "active"
    live, ready = ({}, {}) if not active else (quietly(spec["port"], "/healthz"), quietly(spec["port"], "/readyz"))
    return {
        "active": active,
        "enabled": shown.get("UnitFileState") == "enabled",
        "stale": shown.get("NeedDaemonReload") == "yes",
        "healthy": live.get("ok") is True,
        "applied": stamped(Path(spec["stamp"])),
        "failing": names(ready.get("failing")) if isinstance(ready.get("ready"), bool) else None,
    }


def apply(wish: dict[str, Any]) -> None:
    """Enables, restarts when asked to, waits for the gate, and only then records what is running."""
    unit = Unit(wish)
    unit.systemctl("daemon-reload")
    enabled = unit.systemctl("enable", unit.name)
    if enabled.returncode:
        raise SystemExit(f"systemctl enable {unit.name} failed: {enabled.stderr.strip()}")
    if wish["restart"]:
        unit.systemctl("reset-failed", unit.name)
        unit.systemctl("restart", unit.name)
    gate = Gate(unit, wish)
    began = time.monotonic()
    while True:
        try:
            pid = gate.look()
            break
        except NotYetError as error:
            if time.monotonic() - began > wish["timeoutS"]:
                raise SystemExit(report(unit, wish, f"{gate.step} after {wish['timeoutS']} s: {error}")) from None
            time.sleep(POLL_S)
        except FailedError as error:
            raise SystemExit(report(unit, wish, f"{gate.step}: {error}")) from None
    record(Path(wish["stamp"]), {"applied": wish["applied"], "release": wish["release"]})
    print(f"{wish['id']}: ready on port {wish['port']} as pid {pid} after {time.monotonic() - began:.1f} s")


def report(unit: Unit, wish: dict[str, Any], what: str) -> str:
    """The failure with the unit's last words, secrets taken out."""
    lines = [f"{wish['id']}: gate failed at {what}", *(f"  log: {line}" for line in unit.journal(12))]
    text = "\n".join(lines)
    for value in secret_values(Path(wish["env"])):
        text = text.replace(value, "***")
    return text


def secret_values(env: Path) -> list[str]:
    """The values of a `.env`, longest first; rough on purpose, as it only hides."""
    try:
        lines = env.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    values = [line.partition("=")[2].strip("\"'`") for line in lines]
    return sorted((value for value in values if len(value) >= 4), key=len, reverse=True)


def record(stamp: Path, content: dict[str, str]) -> None:
    """Writes the stamp in one step, readable by root only."""
    fresh = stamp.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content | {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, file)
    fresh.replace(stamp)


def stamped(stamp: Path) -> str | None:
    """The hash of the stamp, None when there is none that can be read."""
    try:
        return str(json.loads(stamp.read_text(encoding="utf-8"))["applied"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def answer(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of a local GET. Raises NotYetError when there is neither."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=ANSWER_TIMEOUT_S) as reply:
            code, text = reply.status, reply.read()
    except urllib.error.HTTPError as error:
        code, text = error.code, error.read()
    except OSError as error:
        raise NotYetError(f"{path} does not answer: {error}") from None
    try:
        body = json.loads(text)
    except ValueError:
        # A web page answers every unknown path with 200; only JSON is a gateway's word.
        raise NotYetError(f"{path} answers {code} without JSON") from None
    return code, body if isinstance(body, dict) else {}


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


def listening(port: int) -> set[str]:
    """The sockets that listen on a TCP port, as the links of /proc/<pid>/fd name them."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    return inodes


def owners(inodes: set[str]) -> list[int]:
    """The pids that hold one of the sockets, each once."""
    return sorted({pid for pid, inode in sockets() if inode in inodes}) if inodes else []


def sockets() -> Iterator[tuple[int, str]]:
    """(pid, link target) of every open file of every process."""
    for process in PROC.iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                for descriptor in (process / "fd").iterdir():
                    with contextlib.suppress(OSError):
                        yield int(process.name), str(descriptor.readlink())


def ancestry(pid: int) -> Iterator[int]:
    """The pid, its parent, and so on."""
    while pid > 1:
        yield pid
        try:
            pid = int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            return


def describe(pid: int) -> str:
    """Who a process is, for a person; secrets in its flags are hidden, as this ends up in the operator's terminal."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        owner = pwd.getpwuid((PROC / str(pid)).stat().st_uid).pw_name
    except (OSError, KeyError):
        return f"pid {pid}"
    shown = SECRET_FLAG.sub(r"\1…", words)
    return f"pid {pid} ({owner}: {shown[:160]})"


def main(arguments: list[str]) -> None:
    """See the module's first lines."""
    if arguments[0] == "status":
        print(json.dumps(status(json.loads(arguments[1]))))
    else:
        apply(json.load(sys.stdin))


if __name__ == "__main__":
    main(sys.argv[1:])
