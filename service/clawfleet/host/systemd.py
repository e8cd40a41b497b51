"""A gateway as a systemd unit, of a user or of the system. Source: config-and-cli §5.2, deploy §14.

Addressed so that it works over ssh and in cron too, where `XDG_RUNTIME_DIR` is not set.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from clawfleet.host.command import Done, Programs, ToolMissing, ToolSilent
from clawfleet.host.definitions import Definition, read_unit
from clawfleet.host.services import CannotSupervise, Scope, ServiceRefused, ServiceState
from clawfleet.host.unit_templates import read_unit_template
from clawfleet.host.units import UnitSpec, render_unit

SYSTEM_UNITS = Path("/etc/systemd/system")
BOOTED = Path("/run/systemd/system")
RUNTIME = Path("/run/user")
LINGER = Path("/var/lib/systemd/linger")
STOP_TIMEOUT_S = 330

_PROPERTIES = (
    "LoadState,ActiveState,SubState,MainPID,ExecMainCode,ExecMainStatus,ExecMainStartTimestampMonotonic,"
    "NRestarts,UnitFileState,NeedDaemonReload"
)
_KILLED = frozenset({"2", "3"})  # CLD_KILLED, CLD_DUMPED
_INSTEAD = "without systemd: openclaw gateway run, kept alive by what this host has (a container's restart policy, …)"


def user_units(home: Path) -> Path:
    """Where a user's own units lie."""
    return home / ".config" / "systemd" / "user"


def lingers(user: str) -> bool:
    """Whether a user's services run without a login."""
    return (LINGER / user).exists()


class SystemdUnit:
    """The unit of one gateway (`services.Daemon`)."""

    manager = "systemd"
    stop_timeout_s = STOP_TIMEOUT_S

    def __init__(self, unit: str, scope: Scope, folder: Path, environ: Mapping[str, str]) -> None:
        self.label = unit
        self.scope = scope
        self.file = folder / unit
        runtime = RUNTIME / str(os.getuid())
        is_unset = not environ.get("XDG_RUNTIME_DIR") and runtime.exists()
        self._programs = Programs({**environ, "XDG_RUNTIME_DIR": str(runtime)} if is_unset else environ)

    def state(self) -> ServiceState:
        """How it is; a manager that cannot be asked is told in `unreachable`."""
        definition = self._definition()
        blank = ServiceState(
            kind=f"systemd {self.scope}",
            label=self.label,
            target=self.label,
            file=self.file,
            definition=definition,
            loaded_words=("enabled", "disabled"),
        )
        if definition is None:
            return blank
        try:
            shown = self._ask("show", "-p", _PROPERTIES, self.label)
        except (CannotSupervise, ServiceRefused) as error:
            return _with(blank, {}, unreachable=error.message)
        return _with(blank, dict(line.split("=", 1) for line in shown.out.splitlines() if "=" in line))

    def written(self) -> Definition | None:
        """What the unit file says, without its drop-ins."""
        try:
            return read_unit(self.file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            return None

    def check(self) -> None:
        """Return if systemd can be asked. Raises CannotSupervise."""
        self._ask("show", "-p", "Version")

    def render(self, spec: UnitSpec) -> bytes:
        """The unit file for `spec`."""
        return render_unit(read_unit_template(self.scope), spec).encode()

    def load(self) -> None:
        """Have systemd read the unit and start it with the machine, or with the user's manager."""
        self._ask("daemon-reload")
        self._ask("enable", self.label)

    def start(self) -> None:
        """Have it started; also when it was started too often before."""
        self._ask("enable", self.label)
        self._ask("reset-failed", self.label, may_fail=True)
        self._ask("start", "--no-block", self.label)

    def stop(self, *, disable: bool) -> None:
        """Have it stopped, also while it waits for another try."""
        if disable:
            self._ask("disable", self.label)
        self._ask("stop", "--no-block", self.label)
        self._ask("reset-failed", self.label, may_fail=True)

    def restart(self) -> None:
        """Have its process replaced."""
        self._ask("reset-failed", self.label, may_fail=True)
        self._ask("restart", "--no-block", self.label)

    def forget(self) -> None:
        """Disable it while its file is there; have systemd notice when it is gone."""
        if self.file.exists():
            self._ask("disable", self.label, may_fail=True)
        else:
            self._ask("daemon-reload")
            self._ask("reset-failed", self.label, may_fail=True)

    def last_words(self, lines: int) -> list[str]:
        """The last lines of its journal that this user may read."""
        field = "_SYSTEMD_UNIT" if self.scope == "system" else "_SYSTEMD_USER_UNIT"
        try:
            told = self._programs.run(
                "journalctl", "--no-pager", "-q", "-o", "cat", "-n", str(lines), f"{field}={self.label}"
            )
        except (ToolMissing, ToolSilent):
            return []
        return told.out.splitlines()

    def _definition(self) -> Definition | None:
        try:
            texts = [self.file.read_text(encoding="utf-8", errors="replace")]
        except OSError:
            return None
        for dropin in sorted(self.file.with_name(f"{self.label}.d").glob("*.conf")):
            texts.append(dropin.read_text(encoding="utf-8", errors="replace"))
        return read_unit(*texts)

    def _ask(self, *words: str, may_fail: bool = False) -> Done:
        if not BOOTED.exists():
            raise CannotSupervise("systemd does not run on this host", hint=_INSTEAD)
        scope = ["--user"] if self.scope == "user" else []
        try:
            done = self._programs.run("systemctl", *scope, "--no-ask-password", *words)
        except ToolMissing as error:
            raise CannotSupervise("this host has no systemctl", hint=_INSTEAD) from error
        except ToolSilent as error:
            raise ServiceRefused(error.message, hint="look at: systemctl list-jobs") from error
        if not done.ok and not may_fail:
            raise self._refusal(done, words)
        return done

    def _refusal(self, done: Done, words: tuple[str, ...]) -> CannotSupervise | ServiceRefused:
        line = f"systemctl {'--user ' if self.scope == 'user' else ''}{' '.join(words)}"
        if "bus" in done.said.lower() or "XDG_RUNTIME_DIR" in done.said:
            return CannotSupervise(
                f"the service manager of this user cannot be reached: {done.said}",
                hint="a user's services need: sudo loginctl enable-linger $USER (package libpam-systemd), then "
                f"XDG_RUNTIME_DIR=/run/user/{os.getuid()}\nwithout it: sudo openclaw gateway install --system, or "
                "openclaw gateway run",
            )
        needs_root = self.scope == "system" and os.getuid() != 0
        hint = f"this is a unit of the system: sudo {line}" if needs_root else f"by hand: {line}"
        return ServiceRefused(f"`{line}` failed: {done.said}", hint=hint)


def _with(blank: ServiceState, shown: Mapping[str, str], unreachable: str = "") -> ServiceState:
    """The state that `systemctl show` tells."""
    started = shown.get("ExecMainStartTimestampMonotonic", "0") != "0"
    status = shown.get("ExecMainStatus", "")
    killed = shown.get("ExecMainCode") in _KILLED
    pid = int(shown.get("MainPID") or 0)
    return ServiceState(
        kind=blank.kind,
        label=blank.label,
        target=blank.target,
        file=blank.file,
        definition=blank.definition,
        is_loaded=shown.get("UnitFileState", "").startswith("enabled"),
        loaded_words=blank.loaded_words,
        pid=pid or None,
        state=shown.get("ActiveState", ""),
        sub=shown.get("SubState", ""),
        exit_code=int(status) if started and not killed and status.isdigit() else None,
        exit_signal=_signal(status) if killed else "",
        gave_up=shown.get("ActiveState") == "failed",
        restarts=int(shown.get("NRestarts") or 0),
        is_stale=shown.get("NeedDaemonReload") == "yes",
        unreachable=unreachable,
    )


def _signal(number: str) -> str:
    try:
        return signal.Signals(int(number)).name
    except ValueError:
        return f"signal {number}"
