"""Finds the service of an instance, and everything on this host that looks like a gateway's service.

A service belongs to the state dir that its file names, whatever it is called: so a command never acts on the service
of another instance, and finds its own also under a name that somebody chose.
"""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clawfleet.config.env import Instance
from clawfleet.core.errors import GatewayError
from clawfleet.host.definitions import Definition, read_unit
from clawfleet.host.launchd import DAEMONS, LaunchdJob, user_agents
from clawfleet.host.plists import read_plist
from clawfleet.host.service_names import launchd_label, service_name, unit_name
from clawfleet.host.services import Daemon, Scope
from clawfleet.host.systemd import SYSTEM_UNITS, SystemdUnit, user_units
from clawfleet.host.units import LABEL_VARIABLE, UNIT_VARIABLE

PLATFORM = sys.platform
PACKAGED_UNITS = (Path("/usr/lib/systemd/system"), Path("/usr/lib/systemd/user"))
_KIN = ("openclaw", "clawdbot", "moltbot", "clawfleet")
"""Names under which gateways of this family were ever installed."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A service file on this host that runs a gateway, or once did. `state_dir` is empty where a file names nothing."""

    scope: Scope
    label: str
    file: Path
    definition: Definition
    state_dir: str

    def belongs_to(self, instance: Instance) -> bool:
        """Whether it is for that instance's state dir."""
        return bool(self.state_dir) and Path(self.state_dir).resolve() == instance.state_dir.resolve()

    @property
    def is_broken(self) -> bool:
        """Whether what it runs is not there any more."""
        return not Path(self.definition.program).exists()

    def describe(self) -> str:
        """`openclaw-gateway-ops.service (user, port 18909, state dir …)`."""
        port = f", port {self.definition.port}" if self.definition.port else ""
        broken = f", broken: {self.definition.program or 'its program'} is missing" if self.is_broken else ""
        return f"{self.label} ({self.scope}{port}, state dir {self.state_dir}{broken}): {self.file}"


def account_home(instance: Instance) -> Path:
    """Where this account's service files live, whatever OPENCLAW_HOME says."""
    return Path(instance.environ.get("HOME") or instance.home)


def own_service(instance: Instance, scope: Scope | None = None) -> Daemon:
    """The registered service of this instance; without one, the service that would be registered in `scope`.

    `scope` is the user's by default, the system's for root. Raises NameRefused.
    """
    found = find_own(instance)
    if found is not None:
        return _service(instance, found.scope, found.label)
    wanted = scope or ("system" if os.geteuid() == 0 else "user")
    return _service(instance, wanted, _label(instance))


def find_own(instance: Instance) -> Registered | None:
    """The service file of this instance's state dir, the user's before the system's; None when there is none."""
    mine = [item for item in all_services(instance) if item.belongs_to(instance)]
    return min(mine, key=lambda item: (item.scope == "system", len(item.label)), default=None)


def others(instance: Instance) -> tuple[Registered, ...]:
    """Every other gateway-like service on this host, also those of older names and of packages."""
    own = find_own(instance)
    rest = [item for item in all_services(instance, kin=True) if own is None or item.file != own.file]
    return tuple(rest)


def named_alike(instance: Instance, service: Daemon) -> Registered | None:
    """The service of another instance that stands where this instance's would be written; None when there is none."""
    for item in all_services(instance):
        if item.file == service.file and not item.belongs_to(instance):
            return item
    return None


def all_services(instance: Instance, *, kin: bool = False) -> Iterator[Registered]:
    """The services under OpenClaw's names; with `kin` whatever looks like a gateway's."""
    home = account_home(instance)
    folders: list[tuple[Scope, Path]]
    if PLATFORM == "darwin":
        folders, suffix, prefix = [("user", user_agents(home)), ("system", DAEMONS)], ".plist", "ai.openclaw."
    else:
        folders, suffix, prefix = [("user", user_units(home)), ("system", SYSTEM_UNITS)], ".service", "openclaw-gateway"
        folders += [("system", place) for place in PACKAGED_UNITS if kin]
    for scope, folder in folders:
        for file in sorted(folder.glob(f"*{suffix}")):
            is_named = file.name.startswith(prefix) or file.stem == _label(instance).removesuffix(".service")
            if not is_named and not (kin and any(word in file.name.lower() for word in _KIN)):
                continue
            definition = _read(file)
            if definition is not None and (definition.is_gateway or is_named):
                label = file.stem if PLATFORM == "darwin" else file.name
                state_dir = definition.state_dir(_home_of(definition, home))
                if not definition.command:  # damaged: only its name tells whose it is
                    state_dir = str(instance.state_dir) if label == _label(instance) else ""
                yield Registered(scope, label, file, definition, state_dir)


def _service(instance: Instance, scope: Scope, label: str) -> Daemon:
    home = account_home(instance)
    if PLATFORM == "darwin":
        return LaunchdJob(label, scope, home, instance.environ)
    return SystemdUnit(label, scope, SYSTEM_UNITS if scope == "system" else user_units(home), instance.environ)


def _label(instance: Instance) -> str:
    name = service_name(instance.profile, instance.state_dir, instance.home)
    chosen = "" if name else instance.environ.get(LABEL_VARIABLE if PLATFORM == "darwin" else UNIT_VARIABLE, "")
    if PLATFORM == "darwin":
        return chosen or launchd_label(name)
    return f"{chosen.removesuffix('.service')}.service" if chosen else unit_name(name)


def _home_of(definition: Definition, home: Path) -> str:
    if not definition.user:
        return str(home)
    try:
        return pwd.getpwnam(definition.user).pw_dir
    except KeyError:
        return str(home)


def _read(file: Path) -> Definition | None:
    try:
        if file.suffix == ".plist":
            return read_plist(file.read_bytes())
        return read_unit(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    except GatewayError:
        return Definition()
