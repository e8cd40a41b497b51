"""A gateway as a launchd job: an agent of a user, or a daemon of the machine. Source: config-and-cli §5.3, deploy §4.3.

A property list that lies there is not a loaded job: only `launchctl print` knows, and every verb here works from both.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from clawfleet.core.errors import GatewayError
from clawfleet.host.command import Done, Programs, ToolMissing, ToolSilent
from clawfleet.host.definitions import Definition
from clawfleet.host.plists import EXIT_TIMEOUT_S, read_plist, render_plist
from clawfleet.host.services import CannotSupervise, Scope, ServiceRefused, ServiceState, ServiceTaken
from clawfleet.host.unit_templates import read_plist_template
from clawfleet.host.units import UnitSpec

DAEMONS = Path("/Library/LaunchDaemons")
BOOTSTRAP_TRIES = 6
RETRY_S = 1.0
POLL_S = 0.1
GONE_S = EXIT_TIMEOUT_S + 5.0

_NOT_LOADED = frozenset({3, 113})  # "No such process", "Could not find service"
_IN_PROGRESS = frozenset({5, 36, 37})  # I/O error right after a bootout, "operation now in progress" (two spellings)
_NO_DOMAIN = 125


def user_agents(home: Path) -> Path:
    """Where a user's own jobs lie."""
    return home / "Library" / "LaunchAgents"


class LaunchdJob:
    """The job of one gateway (`services.Daemon`)."""

    manager = "launchd"
    stop_timeout_s = EXIT_TIMEOUT_S

    def __init__(self, label: str, scope: Scope, home: Path, environ: Mapping[str, str]) -> None:
        self.label = label
        self.scope = scope
        self.file = (DAEMONS if scope == "system" else user_agents(home)) / f"{label}.plist"
        name = label.rpartition(".")[2]
        file_name = "gateway.log" if name == "gateway" else f"gateway-{name}.log"
        self.log_file = home / "Library" / "Logs" / "openclaw" / file_name
        self._programs = Programs(environ)
        self._domain: str | None = None
        self._is_fresh = False

    def state(self) -> ServiceState:
        """How it is; a manager that cannot be asked is told in `unreachable`."""
        definition, damage = self._definition()
        kind = "LaunchAgent" if self.scope == "user" else "LaunchDaemon"
        if definition is None:
            return ServiceState(kind, self.label, self.label, self.file)
        try:
            target = self._target()
            shown = self._ask("print", target, may_fail=True)
        except CannotSupervise as error:
            return ServiceState(kind, self.label, self.label, self.file, definition, unreachable=error.message)
        told = read_print(shown.out) if shown.ok else {}
        pid = told.get("pid", "")
        ended = re.match(r"-?\d+", told.get("last exit code", ""))
        killed = re.search(r"\d+$", told.get("last terminating signal", ""))
        return ServiceState(
            kind=kind,
            label=self.label,
            target=target,
            file=self.file,
            definition=definition,
            is_loaded=shown.ok,
            pid=int(pid) if pid.isdigit() else None,
            state=told.get("state", ""),
            exit_code=int(ended[0]) if ended else None,
            exit_signal=signal.Signals(int(killed[0])).name if killed else "",
            unreachable=damage,
        )

    def written(self) -> Definition | None:
        """What the property list says."""
        return self._definition()[0]

    def check(self) -> None:
        """Return if the job can be registered. Raises CannotSupervise; ServiceTaken beside a daemon of that label."""
        target = self._target()
        if self.scope == "system":
            return
        daemon = DAEMONS / self.file.name
        if daemon.exists() or self._ask("print", f"system/{self.label}", may_fail=True).ok:
            raise ServiceTaken(
                f"a LaunchDaemon with the label {self.label} exists: it and {target} would fight for one port",
                hint=f"remove it first: sudo launchctl bootout system/{self.label} && sudo rm {daemon}",
            )

    def render(self, spec: UnitSpec) -> bytes:
        """The property list for `spec`."""
        return render_plist(read_plist_template(self.scope), spec, str(self.log_file))

    def load(self) -> None:
        """Have launchd take the property list as it is now, in place of what it has."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._boot_out()
        self._bootstrap()
        self._is_fresh = True  # RunAtLoad has started it

    def start(self) -> None:
        """Have it loaded and running."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if not self._is_loaded():
            self._bootstrap()
        self._ask("kickstart", self._target())

    def stop(self, *, disable: bool) -> None:
        """Have it unloaded: a job that stays loaded is started again. It comes back at the next login."""
        if disable:
            self._ask("disable", self._target())
        self._boot_out()

    def restart(self) -> None:
        """Have its process replaced."""
        if self._is_fresh:
            return
        if self._is_loaded():
            self._ask("kickstart", "-k", self._target())
        else:
            self.start()

    def forget(self) -> None:
        """Have it unloaded."""
        self._boot_out()

    def last_words(self, lines: int) -> list[str]:
        """The last lines of what it printed as errors."""
        file = self.log_file.with_name(f"{self.log_file.stem}.err.log")
        try:
            return file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        except OSError:
            return []

    def _definition(self) -> tuple[Definition | None, str]:
        try:
            return read_plist(self.file.read_bytes()), ""
        except OSError:
            return None, ""
        except GatewayError as error:
            return Definition(), error.message

    def _target(self) -> str:
        if self._domain is None:
            self._domain = "system" if self.scope == "system" else self._user_domain()
        return f"{self._domain}/{self.label}"

    def _user_domain(self) -> str:
        uid = os.getuid()
        there = [name for name in (f"gui/{uid}", f"user/{uid}") if self._ask("print", name, may_fail=True).ok]
        for domain in there[1:]:  # loaded while nobody was logged in at the screen
            if self._ask("print", f"{domain}/{self.label}", may_fail=True).ok:
                return domain
        if there:
            return there[0]
        raise CannotSupervise(
            f"launchd has no domain gui/{uid} for this user here",
            hint="log in at the machine's screen once, or, without a screen, use a LaunchDaemon: "
            "sudo openclaw gateway install --system\nin the foreground: openclaw gateway run",
        )

    def _is_loaded(self) -> bool:
        return self._ask("print", self._target(), may_fail=True).ok

    def _bootstrap(self) -> None:
        """Enable and load it. Right after a bootout launchd may refuse for a moment."""
        domain = self._target().rpartition("/")[0]
        self._ask("enable", self._target())
        for left in reversed(range(BOOTSTRAP_TRIES)):
            done = self._ask("bootstrap", domain, str(self.file), may_fail=True)
            if done.ok or (done.code in _IN_PROGRESS and self._is_loaded()):
                return
            if done.code == _NO_DOMAIN:
                raise CannotSupervise(
                    f"launchd cannot load {self.label} into {domain} from this shell: {done.said}",
                    hint="run it in a terminal of the logged-in user, or use a LaunchDaemon: "
                    "sudo openclaw gateway install --system",
                )
            if done.code not in _IN_PROGRESS or not left:
                raise _refusal(done, ("bootstrap", domain, str(self.file)))
            time.sleep(RETRY_S)

    def _boot_out(self) -> None:
        """Unload it and wait until launchd has let go."""
        done = self._ask("bootout", self._target(), may_fail=True)
        if not done.ok and done.code not in _NOT_LOADED | _IN_PROGRESS:
            raise _refusal(done, ("bootout", self._target()))
        deadline = time.monotonic() + GONE_S
        while self._is_loaded():
            if time.monotonic() > deadline:
                raise ServiceRefused(f"launchd still has {self._target()} after {GONE_S:g} s", hint="try again")
            time.sleep(POLL_S)

    def _ask(self, *words: str, may_fail: bool = False) -> Done:
        try:
            done = self._programs.run("launchctl", *words)
        except ToolMissing as error:
            raise CannotSupervise(
                "this host has no launchctl", hint="in the foreground: openclaw gateway run"
            ) from error
        except ToolSilent as error:
            raise ServiceRefused(error.message) from error
        if not done.ok and not may_fail:
            raise _refusal(done, words)
        return done


def read_print(text: str) -> dict[str, str]:
    """The job's own fields in what `launchctl print` shows: `state`, `pid`, `last exit code`, …"""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = re.fullmatch(r"\t([a-z ]+) = ([^{]*)", line)
        if match:
            found.setdefault(match[1], match[2].strip())
    return found


def _refusal(done: Done, words: tuple[str, ...]) -> ServiceRefused:
    line = f"launchctl {' '.join(words)}"
    return ServiceRefused(f"`{line}` failed ({done.code}): {done.said}", hint=f"by hand: {line}")
