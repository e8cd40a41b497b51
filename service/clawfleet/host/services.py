"""A gateway's background service, whichever manager runs it: its state in one form, and what can be done to it.

`systemd.py` and `launchd.py` are the two managers. `present` is not `loaded`, and `loaded` is not `running`: a page
that mixes them up sends people the wrong way (config-and-cli §11).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from clawfleet.core.errors import HostError
from clawfleet.host.definitions import Definition
from clawfleet.host.units import UnitSpec

Scope = Literal["user", "system"]
Phase = Literal["not installed", "installed, not loaded", "loaded, not running", "running"]
PERMANENT = 78
"""The exit code of a gateway that would fail the same way again: config, port or lock."""


class NotInstalled(HostError):
    """There is no service of this instance."""

    code = "SERVICE_NOT_INSTALLED"

    def __init__(self, manager: str) -> None:
        super().__init__(
            "Gateway service not installed: the CLI is there, its background service is not registered.",
            hint=f"register it with {manager}: openclaw gateway install\nor in the foreground: openclaw gateway run",
        )


class CannotSupervise(HostError):
    """This host has neither systemd nor launchd, or it cannot be reached from here."""

    code = "NO_SERVICE_MANAGER"


class ServiceRefused(HostError):
    """The service manager did not do what it was asked."""

    code = "SERVICE_REFUSED"


class ServiceTaken(HostError):
    """The name, or the state dir, belongs to another service."""

    code = "SERVICE_TAKEN"


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service as its manager and its file tell it. `definition` is None when it is not installed.

    `state` and `sub` are the manager's own words. `exit_code` and `exit_signal` are how the last process ended, None
    and empty when none did. `gave_up`: it will not be started again by itself. `is_stale`: the manager knows an older
    file. `unreachable` says why the manager could not be asked.
    """

    kind: str
    label: str
    target: str
    file: Path
    definition: Definition | None = None
    is_loaded: bool = False
    loaded_words: tuple[str, str] = ("loaded", "not loaded")
    pid: int | None = None
    state: str = ""
    sub: str = ""
    exit_code: int | None = None
    exit_signal: str = ""
    gave_up: bool = False
    restarts: int = 0
    is_stale: bool = False
    unreachable: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether its file is there."""
        return self.definition is not None

    @property
    def loaded_text(self) -> str:
        """`enabled` or `disabled`, `loaded` or `not loaded`: as its manager calls it."""
        return self.loaded_words[0 if self.is_loaded else 1]

    @property
    def phase(self) -> Phase:
        """Which of the four states it is in."""
        if not self.is_installed:
            return "not installed"
        if self.pid is not None:
            return "running"
        return "loaded, not running" if self.is_loaded else "installed, not loaded"

    @property
    def end(self) -> str:
        """How its last process ended: `exit 78`, `killed by SIGKILL`; empty when it runs or never did."""
        if self.pid is not None or (self.exit_code is None and not self.exit_signal):
            return ""
        return f"killed by {self.exit_signal}" if self.exit_signal else f"exit {self.exit_code}"


class Daemon(Protocol):
    """The service of one instance. Every method raises HostError for what its manager refuses."""

    @property
    def manager(self) -> str:
        """`systemd` or `launchd`."""

    @property
    def scope(self) -> Scope:
        """Whose it is: the user's, or the system's."""

    @property
    def label(self) -> str:
        """The unit's or job's name."""

    @property
    def file(self) -> Path:
        """Where its definition is, or would be."""

    @property
    def stop_timeout_s(self) -> int:
        """How long its manager lets a stop take, unless its file says otherwise."""

    def state(self) -> ServiceState:
        """How it is; never raises for a manager that cannot be asked."""

    def written(self) -> Definition | None:
        """What its own file says, without what people added beside it; None when it is not installed."""

    def check(self) -> None:
        """Return if a service can be registered here."""

    def render(self, spec: UnitSpec) -> bytes:
        """The definition's file for `spec`."""

    def load(self) -> None:
        """Make the manager know the definition as it is on disk, and start it with the machine or session."""

    def start(self) -> None:
        """Have it started; returns before it is ready."""

    def stop(self, *, disable: bool) -> None:
        """Have it stopped; returns before its process has ended. `disable`: also not at the next boot or login."""

    def restart(self) -> None:
        """Have its process replaced; returns before the new one is ready."""

    def forget(self) -> None:
        """Make the manager know nothing of it any more; called before and after its file goes."""

    def last_words(self, lines: int) -> list[str]:
        """The last lines that its process printed."""
