"""`openclaw gateway probe`: which of the gateways that this machine's commands may mean answers, and with what.

Each is asked on one socket. Source: config-and-cli §6.2, protocol §13.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import click

from clawfleet.cli.client import CallFailed, GatewayClient, Target
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.gateway_report import Probe
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.target import Ask, Place, asks_gateway, check_holder, explain, find_place, resolve_target
from clawfleet.core.errors import GatewayError
from clawfleet.core.text import printable
from clawfleet.host.gateways import find_occupant

QUESTIONS = ("health", "status", "system-presence", "config.get")
SCOPES = ("operator.read",)


@dataclass(frozen=True, slots=True)
class Asked:
    """One gateway and what came of asking it. `name` is `local`, or `remote` for one that config or flags name."""

    name: str
    probe: Probe
    server: Mapping[str, Any] = field(default_factory=dict)
    presence: int | None = None
    config_path: str | None = None


@click.command("probe")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, as_json: bool) -> int:
    """Ask every gateway that commands here may mean; exit 1 when none answers."""
    place = find_place(context, ask.port)
    asked = [ask_gateway(name, place, target) for name, target in targets(place, ask)]
    if as_json:
        print_json(probe_json(asked))
    else:
        for line in probe_lines(asked):
            tell(printable(line))
    return 0 if any(one.probe.connected for one in asked) else 1


def targets(place: Place, ask: Ask) -> list[tuple[str, Target]]:
    """The gateway that the flags, environment and config mean, and this instance's own beside one elsewhere."""
    meant = resolve_target(place, ask)
    if meant.url == place.ws_url:
        return [("local", meant)]
    if ask.url:
        return [("remote", meant)]
    local = Ask(port=place.port, timeout_ms=ask.timeout_ms)
    here = replace(place, environ={k: v for k, v in place.environ.items() if k != "OPENCLAW_GATEWAY_URL"})
    return [("remote", meant), ("local", resolve_target(here, local))]


def ask_gateway(name: str, place: Place, target: Target) -> Asked:
    """What one gateway answers. A failure is part of the report."""
    found = Probe(target.url, auth_source=target.source)
    answers: dict[str, Any] = {}
    try:
        check_holder(place, target)
        with GatewayClient.open(target, scopes=SCOPES) as gateway:
            server, auth = gateway.hello.get("server") or {}, gateway.hello.get("auth") or {}
            found = replace(
                found,
                connected=True,
                latency_ms=gateway.latency_ms,
                version=str(server.get("version") or ""),
                scopes=tuple(auth.get("scopes") or ()),
                auth_method=str(auth.get("method") or ""),
            )
            for method in QUESTIONS:
                answers[method] = gateway.call(method)
            found = replace(found, answered=True)
    except GatewayError as error:
        return Asked(name, replace(found, error=_explained(error, place, target)), *_rest(answers, found))
    found = replace(found, health=answers["health"], status=answers["status"])
    return Asked(name, found, *_rest(answers, found))


def _rest(answers: Mapping[str, Any], found: Probe) -> tuple[dict[str, Any], int | None, str | None]:
    presence, config = answers.get("system-presence"), answers.get("config.get")
    server = {"version": found.version} if found.version else {}
    return server, len(presence) if isinstance(presence, list) else None, (config or {}).get("path")


def _explained(error: GatewayError, place: Place, target: Target) -> GatewayError:
    if target.url != place.ws_url or isinstance(error, CallFailed):
        return error
    return explain(error, place, find_occupant(place.port, store_dir=place.store_dir))


def warnings_of(asked: list[Asked]) -> list[dict[str, Any]]:
    """What a person should know before trusting the report."""
    found = []
    reached = [one for one in asked if one.probe.connected]
    if len(reached) > 1:
        ids = [one.name for one in reached]
        message = "several gateways answer; name the one you mean with --url or --port"
        found.append({"code": "multiple_gateways", "message": message, "targetIds": ids})
    limited = [one.name for one in reached if not one.probe.answered]
    if limited:
        message = "connected, but may not read: approve this device, or ask on the gateway's host"
        found.append({"code": "probe_scope_limited", "message": message, "targetIds": limited})
    return found


def probe_lines(asked: list[Asked]) -> Iterator[str]:
    """The report as people read it."""
    for one in asked:
        probe = one.probe
        state = f"ok ({probe.latency_ms} ms)" if probe.connected else "not reached"
        yield f"{one.name.capitalize()} gateway: {probe.target} · {state}"
        if probe.connected:
            yield f"  Capability: {probe.capability} · auth {probe.auth_method} · version {probe.version or 'unknown'}"
        yield f"  Read probe: {'ok' if probe.answered else 'failed'}"
        if probe.answered:
            agents, sessions = probe.health.get("agents") or [], probe.health.get("sessions") or {}
            yield f"  Agents: {len(agents)} · sessions: {sessions.get('count', 0)} · clients: {one.presence}"
            yield f"  Config: {one.config_path or 'unknown'}"
        if probe.error is not None:
            yield f"  ✗ {probe.error.message}"
            yield from (f"    {line}" for line in (probe.error.hint or "").splitlines())
    for warning in warnings_of(asked):
        yield f"! {warning['message']}"


def probe_json(asked: list[Asked]) -> dict[str, Any]:
    """The report with OpenClaw's keys."""
    reached = [one for one in asked if one.probe.connected]
    first = next(iter(reached or asked))
    return {
        "ok": bool(reached),
        "degraded": any(not one.probe.answered for one in reached),
        "capability": first.probe.capability,
        "primaryTargetId": first.name,
        "warnings": warnings_of(asked),
        "targets": [_target_json(one) for one in asked],
        "discovery": {"count": 0},
    }


def _target_json(one: Asked) -> dict[str, Any]:
    probe = one.probe
    return {
        "id": one.name,
        "kind": one.name,
        "url": probe.target,
        "connect": {
            "ok": probe.connected,
            "rpcOk": probe.answered,
            "latencyMs": probe.latency_ms,
            "error": probe.error.message if probe.error else None,
        },
        "auth": {"method": probe.auth_method or None, "source": probe.auth_source, "scopes": list(probe.scopes)},
        "server": one.server,
    }
