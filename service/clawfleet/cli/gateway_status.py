"""`openclaw gateway status`: is it running, where, and does it answer? All of it on stdout (config-and-cli §6.1)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from clawfleet import __version__
from clawfleet.access.locality import is_loopback
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.gateway_report import Probe, Report, gather
from clawfleet.cli.output import age, print_json, tell
from clawfleet.cli.service_door import context_of_owner
from clawfleet.cli.service_report import phase_text, service_lines
from clawfleet.cli.target import Ask, ForeignListener, asks_gateway
from clawfleet.host.services import ServiceState
from clawfleet.server.listen import NoSuchAddress, hosts_of


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--deep", is_flag=True, help="Also look for other gateways' services on this host.")
@click.option("--no-probe", is_flag=True, help="Only look; do not talk to the gateway.")
@click.option("--require-rpc", is_flag=True, help="Exit 1 unless the gateway answers a call.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, as_json: bool, deep: bool, no_probe: bool, require_rpc: bool) -> int:
    """Show where this instance's gateway is and how it is; exit 0 even when it is down, unless --require-rpc."""
    report = gather(context_of_owner(context), ask, probe=not no_probe, deep=deep)
    if as_json:
        print_json(report_json(report))
    else:
        for line in report_lines(report):
            tell(line)
    answered = report.probe is not None and report.probe.answered
    return 1 if require_rpc and not answered else 0


def report_lines(report: Report) -> Iterator[str]:
    """The report as people read it; what is wrong comes first."""
    instance, place, service = report.instance, report.place, report.service
    if report.problem:
        yield f"✗ {report.problem}"
        yield f"  {report.mend}"
    yield f"Service: {phase_text(service, brief=bool(report.problem))}"
    if service.hint and not report.problem:
        yield f"  {service.hint}"
    yield from (f"Drift: {item.message}" for item in service.drift)
    yield f"File logs: {instance.shown(report.log_file)}"
    yield from service_lines(service, instance.shown(service.state.file) if service.state else "")
    yield f"Config (cli): {instance.shown(instance.config_path)}{_config_state(report)}"
    if service.definition is not None:
        yield f"Config (service): {instance.shown(Path(service.definition.config_path(str(instance.home))))}"
    yield f"Gateway: bind={report.bind} ({bind_host(report)}), port={place.port} ({port_source(report)})"
    yield f"Probe target: {report.probe.target if report.probe else place.ws_url}"
    yield f"Dashboard: {place.http_url}"
    if place.tls.pin:
        yield f"Certificate: sha256 {place.tls.pin}"
    if report.listening and report.is_local:
        yield f"Probe note: {reach_note(report)}"
    version = report.probe.version if report.probe else ""
    yield f"CLI version: {__version__}" + (f" / Gateway version: {version}" if version else "")
    yield f"Runtime: {runtime_text(report)}"
    if report.probe is not None:
        yield from probe_lines(report.probe, is_explained=bool(report.problem))
    yield f"Listening: {', '.join(listener.shown for listener in report.listening) or 'nobody'}"
    yield from report.notes
    if report.config_error is not None:
        yield f"✗ {report.config_error.message}"
    if service.others:
        yield "Other gateway-like services detected (best effort):"
        yield from (f"  - {found.describe()}" for found in service.others)
    yield "Troubles: run openclaw status"


def probe_lines(probe: Probe, *, is_explained: bool = False) -> Iterator[str]:
    """What came of talking to the gateway. `is_explained`: the page has said already who listens instead."""
    if is_explained and isinstance(probe.error, ForeignListener):
        yield "Connectivity probe: failed"
        yield "  who listens there is not this instance's gateway"
        yield "RPC probe: failed"
        return
    yield f"Connectivity probe: {'ok' if probe.connected else 'failed'}"
    if not probe.connected and probe.error is not None:
        yield f"  {probe.error.message}"
    yield f"RPC probe: {'ok' if probe.answered else 'failed'}"
    if probe.connected and probe.error is not None:
        yield f"  {probe.error.message}"
    if probe.error is not None:
        yield from (f"  {line}" for line in (probe.error.hint or "").splitlines()[:1])
    if probe.connected:
        yield f"Capability: {probe.capability}"


def runtime_text(report: Report) -> str:
    """`running (pid 293, state active, sub running, last exit 0, reason 0)`, `… in the foreground …`, or why not."""
    lock, state = report.place.lock, report.service.state
    if state is not None and state.pid is not None and (lock is None or not lock.alive or lock.service == state.label):
        sub = f", sub {state.sub}" if state.sub else ""
        end = f"last exit {state.exit_code or 0}, reason {state.exit_signal or 0}"
        return f"running (pid {state.pid}, state {state.state}{sub}, {end})"
    if lock is None:
        return "not running"
    if not lock.alive:
        return f"not running (pid {lock.pid} ended without cleaning up)"
    how = f"by {lock.service}" if lock.service else "in the foreground"
    return f"running (pid {lock.pid}, {how}, since {age(lock.started_at_ms)})"


def reach_note(report: Report) -> str:
    """Who can reach the addresses that are really listened on; the config may say otherwise."""
    addresses = {listener.address for listener in report.listening}
    if not all(map(is_loopback, addresses)):
        surprise = "; the config says loopback: restart to apply" if report.bind == "loopback" else ""
        return f"Reachable from other machines ({', '.join(sorted(addresses))}){surprise}."
    return "Loopback-only gateway; only local clients can connect."


def bind_host(report: Report) -> str:
    """The address that `gateway.bind` stands for, the first of them if there are several."""
    try:
        return hosts_of(report.bind, report.snapshot.config.gateway.custom_bind_host if report.snapshot else None)[0]
    except NoSuchAddress:
        return "unknown"


def port_source(report: Report) -> str:
    """Who named the port, in words."""
    words = {
        "flag": "--port",
        "lock": "running gateway",
        "service": "service args",
        "env": "OPENCLAW_GATEWAY_PORT",
        "config": "config",
    }
    return words.get(report.place.port_source, report.place.port_source)


def report_json(report: Report) -> dict[str, Any]:
    """The report with OpenClaw's keys."""
    probe, place = report.probe, report.place
    document: dict[str, Any] = {
        "cli": {"version": __version__, "entrypoint": sys.argv[0]},
        "logFile": str(report.log_file),
        "service": service_json(report),
        "config": {"cli": _config_json(report), "daemon": _daemon_config(report)},
        "gateway": {
            "bindMode": report.bind,
            "bindHost": bind_host(report),
            "port": place.port,
            "portSource": place.port_source,
            "probeUrl": probe.target if probe else place.ws_url,
            "controlUiLinks": {"httpUrl": place.http_url, "wsUrl": place.ws_url},
            "version": (probe.version if probe else "") or None,
        },
        "port": _port_json(report),
        "problem": {"message": report.problem, "hint": report.mend} if report.problem else None,
        "notes": list(report.notes),
        "pids": {
            "service": report.service.pid,
            "lock": report.pid,
            "listener": report.occupant.owner.pid if report.occupant else None,
        },
        "extraServices": [
            {
                "platform": "darwin" if found.file.suffix == ".plist" else "linux",
                "label": found.label,
                "detail": found.describe(),
                "scope": found.scope,
                "broken": found.is_broken,
            }
            for found in report.service.others
        ],
    }
    if probe is not None:
        document["rpc"] = _rpc_json(probe)
    return document


def service_json(report: Report) -> dict[str, Any]:
    """What is registered and how it does; `phase` is the state in words, `runtime` is about whoever serves."""
    service, definition = report.service, report.service.definition
    state = service.state or ServiceState("", "", "", Path())
    pid = report.pid or service.pid
    return {
        "label": state.label or None,
        "phase": state.phase,
        "loaded": state.is_loaded,
        "loadState": "loaded" if state.is_loaded else "not-loaded" if definition else "not-installed",
        "loadedText": state.loaded_words[0],
        "notLoadedText": state.loaded_words[1],
        "command": definition and {"programArguments": list(definition.command), "sourcePath": str(state.file)},
        "runtime": {
            "status": "running" if pid else "stopped",
            "pid": pid,
            "state": state.state or None,
            "subState": state.sub or None,
            "lastExitStatus": state.exit_code,
            "lastExitSignal": state.exit_signal or None,
            "reason": service.reason or None,
        },
        "configAudit": {
            "ok": not service.drift,
            "issues": [{"code": item.code, "message": item.message, "level": "recommended"} for item in service.drift],
        },
    }


def _daemon_config(report: Report) -> dict[str, Any] | None:
    definition = report.service.definition
    if definition is None:
        return None
    path = Path(definition.config_path(str(report.instance.home)))
    same = path == report.instance.config_path
    return {"path": str(path), "exists": path.is_file(), "valid": report.config_error is None if same else None}


def _rpc_json(probe: Probe) -> dict[str, Any]:
    return {
        "ok": probe.answered,
        "connected": probe.connected,
        "kind": "read",
        "capability": probe.capability,
        "auth": {"method": probe.auth_method or None, "source": probe.auth_source, "scopes": list(probe.scopes)},
        "server": {"version": probe.version or None},
        "url": probe.target,
        "latencyMs": probe.latency_ms,
        "error": probe.error.message if probe.error else None,
    }


def _port_json(report: Report) -> dict[str, Any]:
    owner = report.occupant.owner if report.occupant else None
    rows = []
    for listener in report.listening:
        known = owner if owner and owner.pid == listener.pid else None
        rows.append(
            {
                "pid": listener.pid,
                "address": listener.shown,
                "user": known.user if known else None,
                "commandLine": known.command if known else None,
                "command": known.command.split(" ")[0].rsplit("/", 1)[-1] if known else None,
                "kind": report.occupant.kind if known and report.occupant else None,
            }
        )
    hints = [report.mend] if report.mend else []
    return {"port": report.place.port, "status": "busy" if rows else "free", "listeners": rows, "hints": hints}


def _config_json(report: Report) -> dict[str, Any]:
    path = report.instance.config_path
    return {"path": str(path), "exists": path.is_file(), "valid": report.config_error is None}


def _config_state(report: Report) -> str:
    if report.config_error is not None:
        return " (invalid)"
    return "" if report.instance.config_path.is_file() else " (missing)"
