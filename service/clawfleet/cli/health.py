"""`openclaw health`: what the running gateway says about itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import age, print_json
from clawfleet.cli.target import Ask, asks_gateway, open_gateway
from clawfleet.core.text import printable


@click.command("health")
@click.option("--verbose", is_flag=True, help="Also where sessions are kept, and the newest of them.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer.")
@asks_gateway
@pass_cli
def command(context: CliContext, ask: Ask, *, verbose: bool, as_json: bool) -> int:
    """Ask the running gateway how it is; exit 1 when it is down or not well."""
    with open_gateway(context, ask) as gateway:
        health = gateway.call("health")
        latency_ms = gateway.latency_ms
    if as_json:
        print_json(health)
    else:
        for line in (*health_lines(health, latency_ms), *(more_lines(health) if verbose else ())):
            click.echo(printable(line))
    return 0 if health.get("ok") else 1


def health_lines(health: Mapping[str, Any], latency_ms: int) -> Iterator[str]:
    """The answer of `health` in a few lines."""
    yield f"Gateway: {'ok' if health.get('ok') else 'not well'} ({latency_ms} ms)"
    agents = health.get("agents") or []
    shown = [f"{agent.get('agentId')}{' (default)' if agent.get('isDefault') else ''}" for agent in agents]
    yield f"Agents: {', '.join(shown) or 'none'}"
    yield f"Sessions: {(health.get('sessions') or {}).get('count', 0)}"
    yield from channel_lines(health)


def more_lines(health: Mapping[str, Any]) -> Iterator[str]:
    """What `--verbose` adds."""
    sessions = health.get("sessions") or {}
    yield f"Default agent: {health.get('defaultAgentId') or 'none'}"
    yield f"Session store: {sessions.get('path') or 'unknown'}"
    for row in sessions.get("recent") or ():
        when = age(row["updatedAt"]) if row.get("updatedAt") else "never"
        yield f"- {row.get('key')} ({when})"
    if health.get("durationMs") is not None:
        yield f"Answered in {health['durationMs']} ms"


def channel_lines(health: Mapping[str, Any]) -> Iterator[str]:
    """One line for each messaging channel, or one that says there is none."""
    channels = health.get("channels") or {}
    labels = health.get("channelLabels") or {}
    if not channels:
        yield "Channels: none configured"
    for name in health.get("channelOrder") or channels:
        yield f"Channel {labels.get(name, name)}: {channel_state(channels.get(name) or {})}"


def channel_state(row: Mapping[str, Any]) -> str:
    """`connected`, or what keeps the channel from it, from the row that the gateway reports."""
    if error := row.get("lastError"):
        return f"not working: {error}"
    if row.get("connected"):
        return "connected"
    if row.get("enabled") is False:
        return "disabled"
    if row.get("configured") is False:
        return "not configured"
    return "connecting" if row.get("running") else "stopped"
