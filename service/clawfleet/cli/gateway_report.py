"""Everything that `gateway status` and `status` know about this instance's gateway, gathered once.

Looks at the lock, at who really listens, and asks the gateway itself; prints nothing and decides no exit code.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clawfleet.cli.client import CallFailed, GatewayClient, Target
from clawfleet.cli.context import CliContext
from clawfleet.cli.logs import log_pattern
from clawfleet.cli.refusals import ConnectRefused
from clawfleet.cli.service_report import ServiceReport, look_at_service, stranger_in_place
from clawfleet.cli.target import (
    Ask,
    ForeignListener,
    Place,
    check_holder,
    explain,
    find_place,
    foreign_listener,
    foreign_mend,
    resolve_target,
)
from clawfleet.config.env import Instance, gateway_port
from clawfleet.config.env_digest import KEY_FILE, changed, digests
from clawfleet.config.load import Snapshot
from clawfleet.core.errors import ConfigError, GatewayError
from clawfleet.host.gateways import Occupant, find_occupant
from clawfleet.host.lock import LockInfo
from clawfleet.host.logfile import newest
from clawfleet.host.ports import Listener, listeners


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of talking to the gateway. `connected`: the handshake worked; `answered`: a method did too.

    `tools` explains those of the default agent, None from a gateway that cannot.
    """

    target: str
    connected: bool = False
    answered: bool = False
    latency_ms: int | None = None
    version: str = ""
    scopes: tuple[str, ...] = ()
    auth_source: str = "none"
    auth_method: str = ""
    error: GatewayError | None = None
    status: Mapping[str, Any] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)
    tools: Mapping[str, Any] | None = None

    @property
    def capability(self) -> str:
        """What this command may do there, in the words of OpenClaw (config-and-cli §6.1)."""
        if isinstance(self.error, ConnectRefused) and self.error.detail_code == "PAIRING_REQUIRED":
            return "pairing-pending"
        for scope, word in (
            ("operator.admin", "admin-capable"),
            ("operator.write", "write-capable"),
            ("operator.read", "read-only"),
        ):
            if scope in self.scopes:
                return word
        return "connected-no-operator-scope" if self.connected else "unknown"


@dataclass(frozen=True, slots=True)
class Report:
    """The state of one instance's gateway. `problem` and `mend` come first on any page, when there is a problem."""

    instance: Instance
    place: Place
    snapshot: Snapshot | None
    config_error: ConfigError | None
    log_file: Path
    listening: tuple[Listener, ...]
    occupant: Occupant | None
    probe: Probe | None
    service: ServiceReport
    problem: str = ""
    mend: str = ""
    notes: tuple[str, ...] = ()

    @property
    def pid(self) -> int | None:
        """The running gateway's pid; None when it does not run."""
        return self.place.lock.pid if self.place.lock and self.place.lock.alive else None

    @property
    def bind(self) -> str:
        """`gateway.bind` as configured."""
        return self.snapshot.config.gateway.bind if self.snapshot else "unknown"

    @property
    def is_local(self) -> bool:
        """Whether the gateway asked is the one this host should run, rather than one named by URL."""
        return self.probe is None or self.probe.target == self.place.ws_url


def gather(context: CliContext, ask: Ask, *, probe: bool = True, deep: bool = False) -> Report:
    """The state of this instance's gateway; with `probe` also what it answers, with `deep` who else is registered.

    Raises RequestError for bad flags.
    """
    place = find_place(context, ask.port)
    snapshot, config_error = context.snapshot_or_error
    service = look_at_service(context, deep=deep)
    if service.definition is not None and service.definition.port and place.port_source not in ("flag", "lock"):
        place = replace(place, port=service.definition.port, port_source="service")
    occupant = find_occupant(place.port, store_dir=place.store_dir)
    pattern = log_pattern(context)
    problem, mend = stranger_in_place(service, occupant, context.instance.home)
    if not problem and occupant is not None and occupant.kind != "own":
        problem, mend = foreign_listener(occupant, place), foreign_mend(occupant)
    return Report(
        instance=context.instance,
        place=place,
        snapshot=snapshot,
        config_error=config_error,
        log_file=newest(pattern) or pattern,
        listening=listeners(place.port),
        occupant=occupant,
        probe=_probe(place, ask, occupant) if probe else None,
        service=service,
        problem=problem,
        mend=mend,
        notes=tuple(_notes(context, place, snapshot)),
    )


def _probe(place: Place, ask: Ask, occupant: Occupant | None) -> Probe:
    try:
        target = resolve_target(place, ask)
    except ConfigError as error:
        return Probe(place.ws_url, error=error)
    try:
        check_holder(place, target)
    except ForeignListener as error:
        return Probe(target.url, auth_source=target.source, error=error)
    try:
        with GatewayClient.open(target, mode="probe", scopes=("operator.read",)) as gateway:
            server, auth = gateway.hello.get("server") or {}, gateway.hello.get("auth") or {}
            found = Probe(
                target.url,
                connected=True,
                latency_ms=gateway.latency_ms,
                version=str(server.get("version") or ""),
                auth_source=target.source,
                auth_method=str(auth.get("method") or ""),
            )
    except GatewayError as error:
        told = explain(error, place, occupant) if target.url == place.ws_url else error
        return Probe(target.url, auth_source=target.source, error=told)
    return _ask(found, target)


def _ask(found: Probe, target: Target) -> Probe:
    """What the gateway tells a command about itself, added to the probe."""
    told: dict[str, Any] = {}
    try:
        with GatewayClient.open(target) as gateway:
            told["scopes"] = tuple((gateway.hello.get("auth") or {}).get("scopes") or ())
            told["health"] = gateway.call("health")
            if told["scopes"]:
                told["status"] = gateway.call("status")
                with suppress(CallFailed):  # other releases do not know it
                    told["tools"] = gateway.call("tools.explain")
    except GatewayError as error:
        return replace(found, **told, error=error)
    return replace(found, **told, answered=True)


def _notes(context: CliContext, place: Place, snapshot: Snapshot | None) -> list[str]:
    notes = list(context.instance.warnings)
    env_file = context.instance.state_dir / ".env"
    if _is_open_to_others(env_file):
        notes.append(
            f"Note: {env_file} holds keys and can be read by other users: chmod 600 {shlex.quote(str(env_file))}"
        )
    if snapshot is not None and snapshot.warnings:
        notes.append(f"Note: the config has {len(snapshot.warnings)} warning(s): openclaw config validate")
    lock = place.lock
    if lock is None or not lock.alive or snapshot is None:
        return notes
    port, source = gateway_port(context.instance, snapshot.config)
    if port != lock.port:
        notes.append(f"Note: CLI config resolves gateway port={port} ({source}); the running gateway has {lock.port}")
    if names := changed_env(context.instance, lock):
        notes.append(f".env changed since start ({', '.join(names)}): restart to apply, or openclaw secrets reload")
    return notes


def changed_env(instance: Instance, lock: LockInfo) -> tuple[str, ...]:
    """The variables whose value in `.env` is not the one that the running gateway read."""
    if lock.env_digests is None:
        return ()
    try:
        key = (instance.store_dir / KEY_FILE).read_text(encoding="utf-8").strip().encode()
    except OSError:
        return ()
    return changed(digests(instance.state_dir, key), lock.env_digests)


def _is_open_to_others(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & 0o077)
    except OSError:
        return False
