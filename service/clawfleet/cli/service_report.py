"""What `gateway status` says about the service: which of four states, where it drifted, who holds its place.

Three pids are compared: the service's, the state lock's, and the listener's on the port. When the process that
answers is not the service's, nothing else on the page matters (config-and-cli §11).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clawfleet.cli.context import CliContext
from clawfleet.cli.output import age
from clawfleet.cli.service_spec import is_ours, keeping, spec_of
from clawfleet.cli.service_trouble import trouble
from clawfleet.config.env import gateway_port
from clawfleet.config.redacted import is_secret_name
from clawfleet.core.errors import GatewayError
from clawfleet.host.definitions import Definition
from clawfleet.host.gateways import Occupant
from clawfleet.host.lock import read_lock
from clawfleet.host.readiness import runs_in
from clawfleet.host.service_search import Registered, others, own_service
from clawfleet.host.services import Daemon, ServiceState
from clawfleet.host.takeover import unit_of
from clawfleet.host.units import REPAIR_POLICY

REGISTER = "CLI installed; background service not registered. Run: openclaw gateway install"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing in which the service is not as it should be, with what wins now and what mends it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """An instance's service. `reason` is why it does not run, `others` are found only when looked for."""

    state: ServiceState | None
    reason: str = ""
    hint: str = ""
    drift: tuple[Drift, ...] = ()
    others: tuple[Registered, ...] = ()

    @property
    def pid(self) -> int | None:
        """The service's process."""
        return self.state.pid if self.state else None

    @property
    def definition(self) -> Definition | None:
        """What is registered."""
        return self.state.definition if self.state else None


def look_at_service(context: CliContext, *, deep: bool = False) -> ServiceReport:
    """The service as it is; a host or name that can have none counts as not installed."""
    try:
        service = own_service(context.instance)
    except GatewayError as error:
        return ServiceReport(None, reason=error.message, hint=error.hint or "")
    state = service.state()
    found = others(context.instance) if deep else ()
    if state.definition is None:
        return ServiceReport(state, hint=REGISTER, others=found)
    reason, hint = _why_not_running(context, service, state)
    return ServiceReport(state, reason, hint, tuple(_drift(context, service, state)), found)


def phase_text(report: ServiceReport, *, brief: bool = False) -> str:
    """`systemd user (enabled) · loaded, not running (exit 78: port 18789 is held by …)`, or `not installed`."""
    state = report.state
    if state is None or not state.is_installed:
        return "not installed"
    text = f"{state.kind} ({state.loaded_text}) · {state.phase}"
    if state.unreachable:
        return f"{state.kind} · installed, state unknown ({state.unreachable})"
    if state.phase == "running":
        return f"{text}, but does not serve ({report.reason})" if report.reason else text
    parts = state.end if brief else ": ".join(part for part in (state.end, report.reason) if part)
    return f"{text} ({parts})" if parts else text


def service_lines(report: ServiceReport, shown: str) -> Iterator[str]:
    """The lines about what is registered. `shown` is its file as people read it."""
    definition = report.definition
    if definition is None:
        return
    yield f"Command: {shlex.join(definition.command)}"
    yield f"Service file: {shown}"
    port = definition.environment.get("OPENCLAW_GATEWAY_PORT")
    if port:
        yield f"Service env: OPENCLAW_GATEWAY_PORT={port}"


def stranger_in_place(report: ServiceReport, occupant: Occupant | None, home: Path) -> tuple[str, str]:
    """(problem, mend) when the process that holds the port is not the service's own; empty texts when it is."""
    state = report.state
    if state is None or not state.is_installed or occupant is None or occupant.owner.pid is None:
        return "", ""
    if occupant.kind == "foreign" or runs_in(occupant.owner.pid, state.pid):
        return "", ""
    service = (
        f"the service (pid {state.pid})"
        if state.pid
        else f"the service ({phase_text(report, brief=True).split(' · ')[-1]})"
    )
    unit = unit_of(occupant.owner.pid)
    how = f"run by {unit}" if unit else "started by hand"
    problem = f"Port {occupant.port} is held by {_who(occupant, how, home)}, not by {service}."
    if unit == state.label:
        return "", ""  # the manager's word about its pid lags behind
    if unit:
        return problem, f"Fix: stop that service (systemctl --user disable --now {unit}), or choose another port"
    return problem, "Fix: openclaw gateway takeover"


def _who(occupant: Occupant, how: str, home: Path) -> str:
    owner, parts = occupant.owner, []
    version = occupant.lock.version if occupant.lock else occupant.startup.version if occupant.startup else ""
    parts.append(f"{owner.command or 'command unknown'}{f', version {version}' if version else ''}")
    if occupant.lock:
        place = Path(occupant.lock.state_dir)
        parts.append(f"state {f'~/{place.relative_to(home)}' if place.is_relative_to(home) else place}")
    parts.append(f"{how} {age(owner.started_at_ms)} ago" if owner.started_at_ms else how)
    return f"pid {owner.pid} ({', '.join(parts)})"


def _why_not_running(context: CliContext, service: Daemon, state: ServiceState) -> tuple[str, str]:
    lock = read_lock(context.instance.store_dir)
    serves = state.pid is not None and lock is not None and lock.alive and runs_in(lock.pid, state.pid)
    if serves or state.unreachable:
        return "", ""
    if state.pid is not None:
        return _named(trouble(context, service))
    if state.phase == "installed, not loaded":
        return "", "Fix: openclaw gateway start"
    if state.exit_code in (None, 0, 143) and not state.exit_signal and not state.gave_up:
        return "stopped", "Start: openclaw gateway start"
    if (error := trouble(context, service)) is not None:
        return _named(error)
    words = service.last_words(1)
    return (words[0] if words else ""), "Fix: openclaw gateway start; if it ends again: openclaw logs"


def _named(error: GatewayError | None) -> tuple[str, str]:
    """A trouble as (one line, first hint)."""
    if error is None:
        return "it is starting or stopping", ""
    return error.message.splitlines()[0].rstrip(":"), next(iter((error.hint or "").splitlines()), "")


def _drift(context: CliContext, service: Daemon, state: ServiceState) -> Iterator[Drift]:
    definition, (snapshot, _) = state.definition, context.snapshot_or_error
    if definition is None:
        return
    instance = context.instance
    if not Path(definition.program).exists():
        yield Drift("program-missing", f"the service runs {definition.program}, which is not there: {_FORCE}")
    if state.is_stale:
        yield Drift("not-reloaded", f"{state.kind} still knows an older {state.file.name}: openclaw gateway restart")
    if Path(definition.config_path(str(instance.home))) != instance.config_path:
        theirs = definition.config_path(str(instance.home))
        yield Drift("config-path", f"config: service {theirs}, command line {instance.config_path}: {_FORCE}")
    for name in definition.environment:
        if is_secret_name(name, "vars") and definition.environment[name]:
            yield Drift("secret-in-service", f"{name} stands in the service's file; move it to .env, then {_FORCE}")
    if snapshot is None:
        return
    port, source = gateway_port(instance, snapshot.config)
    if definition.port not in (None, port):
        is_external = definition.environment.get(REPAIR_POLICY) == "external"
        until = "it is deployed anew" if is_external else "openclaw gateway restart"
        told = f"port: service {definition.port} ({definition.port_source}), {source} {port}"
        yield Drift("port", f"{told}; the service's wins until: {until}")
    elif _is_outdated(context, service):
        yield Drift("outdated", f"the file is not as this version writes it: {_FORCE}")


_FORCE = "openclaw gateway install --force"


def _is_outdated(context: CliContext, service: Daemon) -> bool:
    written, (snapshot, _) = service.written(), context.snapshot_or_error
    if written is None or snapshot is None or not is_ours(written):
        return False
    if written.environment.get(REPAIR_POLICY) or not Path(written.program).exists():
        return False
    try:
        wanted = service.render(keeping(spec_of(context.instance, snapshot, service, written), written))
        return service.file.read_bytes() != wanted
    except (OSError, GatewayError):
        return False
