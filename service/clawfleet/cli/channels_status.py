"""`openclaw channels status`: how the messaging channels do. Source: channels §2.15."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from clawfleet.channels.registry import CHANNELS, accounts_of
from clawfleet.channels.status import wire_of, words
from clawfleet.cli.client import GatewayClosed, GatewaySilent, GatewayUnreachable
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.target import Ask, ForeignListener, asks_gateway, open_gateway
from clawfleet.core.clock import now_ms

MARGIN_S = 2.0
"""What the gateway may take on top of the time that it gives each platform."""


@click.command("status", epilog="\b\nExamples:\n  openclaw channels status --probe")
@click.option("--probe", is_flag=True, help="Ask every platform whether the account works.")
@click.option("--channel", metavar="CHANNEL", help="Only this channel.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asks_gateway
@pass_cli
def command(cli: CliContext, ask: Ask, channel: str | None, *, probe: bool, as_json: bool) -> None:
    """Show how each account is; from the config alone when the gateway is down."""
    if not as_json:
        click.echo(f"Checking channel status{' (probe)' if probe else ''}…", err=True)
    params = {"probe": probe, "timeoutMs": ask.timeout_ms, **({"channel": channel} if channel else {})}
    try:
        with open_gateway(cli, ask, scopes=("operator.read",)) as gateway:
            status = gateway.call("channels.status", params, timeout_s=ask.timeout_s + MARGIN_S)
    except (GatewayUnreachable, GatewaySilent, GatewayClosed, ForeignListener) as error:
        status = _from_config(cli, channel) | {"gatewayReachable": False, "error": error.message}
    if as_json:
        print_json(status)
        return
    for line in _head(cli, status):
        tell(line)
    for line in channel_lines(status, now_ms()):
        tell(line)


def channel_lines(status: Mapping[str, Any], at_ms: int) -> Iterator[str]:
    """One line an account, and the warnings, from the answer of `channels.status`."""
    accounts = status.get("channelAccounts") or {}
    labels = status.get("channelLabels") or {}
    if not accounts:
        yield "No channels configured."
    for name in status.get("channelOrder") or accounts:
        for row in accounts.get(name) or ():
            yield f"- {labels.get(name, name)} {row.get('accountId')}: {', '.join(words(row, at_ms))}"
    for warning in status.get("warnings") or ():
        yield f"! {warning}"


def _head(cli: CliContext, status: Mapping[str, Any]) -> Iterator[str]:
    if status.get("gatewayReachable", True):
        yield "Gateway reachable."
        return
    said = str(status["error"])
    yield said if said.startswith("Gateway not reachable") else f"Gateway not reachable: {said}"
    yield "Gateway not reachable; showing config-only status."
    yield f"Config: {cli.instance.config_path}"
    yield f"Mode: {cli.snapshot.config.gateway.mode or 'unset'}"


def _from_config(cli: CliContext, channel: str | None) -> dict[str, Any]:
    """What the config says, in the shape of `channels.status`. Raises ConfigError."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for account in accounts_of(cli.instance, cli.snapshot):
        if channel in (None, account.channel):
            rows.setdefault(account.channel, []).append(wire_of(account))
    return {
        "ts": now_ms(),
        "channelOrder": list(rows),
        "channelLabels": {name: CHANNELS[name].label for name in rows},
        "channels": {name: found[0] for name, found in rows.items()},
        "channelAccounts": rows,
        "channelDefaultAccountId": {name: found[0]["accountId"] for name, found in rows.items()},
        "warnings": [str(issue) for issue in cli.snapshot.warnings if issue.path.startswith("channels.")],
    }
