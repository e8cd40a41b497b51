"""`openclaw dashboard`: the address of the Control UI with the token that signs in, opened in a browser."""

from __future__ import annotations

import webbrowser
from dataclasses import dataclass

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.cli.target import Ask, ForeignListener, Place, find_place, foreign_listener, foreign_mend, resolve_target
from clawfleet.core.errors import HostError
from clawfleet.host.gateways import Occupant, find_occupant


class GatewayDown(HostError):
    """Nobody serves the dashboard."""

    code = "GATEWAY_DOWN"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Addresses of the Control UI. `url` signs in when there is a token; `http_url` never holds it."""

    url: str
    http_url: str
    ws_url: str
    port: int
    token_included: bool


@click.command("dashboard")
@click.option("--no-open", is_flag=True, help="Only print the address.")
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as JSON; opens nothing.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Port of a gateway on this machine.")
@click.option("--token", metavar="TOKEN", help="The gateway's token.")
@pass_cli
def command(context: CliContext, no_open: bool, as_json: bool, port: int | None, token: str | None) -> None:
    """Open the Control UI, signed in; exit 1 when the gateway is not running."""
    place = find_place(context, port)
    is_ours = must_serve(place).kind == "own"
    found = dashboard_of(place, resolve_target(place, Ask(token=token)).token if token or is_ours else None)
    if as_json:
        print_json(
            {
                "ok": True,
                "url": found.url,
                "httpUrl": found.http_url,
                "wsUrl": found.ws_url,
                "port": found.port,
                "tokenIncluded": found.token_included,
            }
        )
        return
    click.echo(f"Dashboard URL: {found.url}")
    if not no_open and webbrowser.open(found.url):
        click.echo("Opened in your browser.")


def must_serve(place: Place) -> Occupant:
    """Who listens: this instance's gateway, or another one whose port was typed.

    Raises GatewayDown or ForeignListener (exit 1).
    """
    occupant = find_occupant(place.port, store_dir=place.store_dir)
    if occupant is None:
        raise GatewayDown("Gateway is not running.", hint="start it: openclaw gateway run")
    if occupant.kind == "own" or (occupant.kind == "gateway" and place.port_source == "flag"):
        return occupant
    raise ForeignListener(foreign_listener(occupant, place), hint=foreign_mend(occupant))


def dashboard_of(place: Place, token: str | None) -> Dashboard:
    """The addresses of the Control UI of a gateway on this machine."""
    url = f"{place.http_url}#token={token}" if token else place.http_url
    return Dashboard(url, place.http_url, place.ws_url, place.port, token is not None)
