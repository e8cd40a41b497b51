"""`openclaw gateway status`: is it running, where, and does it answer? All of it on stdout (config-and-cli §6.1)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from clawfleet import __version__
from clawfleet.access.locality import is_loopback
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.gateway_report import Probe, Report, age, gather
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, asks_gateway
from clawfleet.server.listen import NoSuchAddress, hosts_of


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--no-probe", is_flag=True, help="Only look; do not talk to the gateway.")
@click.option("--require-rpc", is_flag=True, help="Exit 1 unless the gateway answers a call.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, as_json: bool, no_probe: bool, require_rpc: bool) -> int:
    """Say where this instance's gateway is and how it does; exit 0 also when it is down, unless --require-rpc."""
    report = gather(context, ask, probe=not no_probe)
    if as_json:
        print_json(report_json(report))
    else:
        for line in report_lines(report):
            click.echo(line)
    answered = report.probe is not None and report.probe.answered
    return 1 if require_rpc and not answered else 0


def report_lines(report: Report) -> Iterator[str]:
    """The report as people read it; what is wrong comes first."""
    instance, place = report.instance, report.place
    if report.problem:
        yield f"✗ {report.problem}"
        yield f"  {report.mend}"
    yield f"Service: {service_text(report)}"
    yield f"File logs: {instance.shown(report.log_file)}"
    yield f"Config (cli): {instance.shown(instance.config_path)}{_config_state(report)}"
    yield f"Gateway: bind={report.bind} ({bind_host(report)}), port={place.port} ({port_source(report)})"
    yield f"Probe target: {report.probe.target if report.probe else place.ws_url}"
    yield f"Dashboard: {place.http_url}"
    if report.listening and report.is_local:
        yield f"Probe note: {reach_note(report)}"
    version = report.probe.version if report.probe else ""
    yield f"CLI version: {__version__}" + (f" / Gateway version: {version}" if version else "")
    yield f"Runtime: {runtime_text(report)}"
    if report.probe is not None:
        yield from probe_lines(report.probe)
    yield f"Listening: {', '.join(listener.shown for listener in report.listening) or 'nobody'}"
    yield from report.notes
    if report.config_error is not None:
        yield f"✗ {report.config_error.message}"
    yield "Troubles: run openclaw status"


def probe_lines(probe: Probe) -> Iterator[str]:
    """What came of talking to the gateway."""
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


def service_text(report: Report) -> str:
    """`systemd openclaw-gateway.service (running)`, as the gateway itself noted it; units are not asked."""
    lock = report.place.lock
    if lock is None:
        return "unknown (no gateway runs that could name it)"
    if lock.service is None:
        return "none (started by hand)"
    return f"systemd {lock.service} ({'running' if lock.alive else 'not running'})"


def runtime_text(report: Report) -> str:
    """`running (pid 293, in the foreground, since 2 h)`, the same with its unit, or why not."""
    lock = report.place.lock
    if lock is None:
        return "not running"
    if not lock.alive:
        return f"not running (pid {lock.pid} ended without cleaning up)"
    how = f"by systemd unit {lock.service}" if lock.service else "in the foreground"
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
    words = {"flag": "--port", "lock": "running gateway", "env": "OPENCLAW_GATEWAY_PORT", "config": "config"}
    return words.get(report.place.port_source, report.place.port_source)


def report_json(report: Report) -> dict[str, Any]:
    """The report with OpenClaw's keys."""
    probe, place = report.probe, report.place
    unit = place.lock.service if place.lock else None
    document: dict[str, Any] = {
        "cli": {"version": __version__, "entrypoint": sys.argv[0]},
        "logFile": str(report.log_file),
        "service": {
            "label": unit,
            "loaded": bool(unit and report.pid),
            "loadState": "loaded" if unit and report.pid else "unknown",
            "command": None,
            "runtime": {"status": "running" if report.pid else "stopped", "pid": report.pid},
            "configAudit": {"ok": True, "issues": []},
        },
        "config": {"cli": _config_json(report), "daemon": None},
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
        "extraServices": [],
    }
    if probe is not None:
        document["rpc"] = _rpc_json(probe)
    return document


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
