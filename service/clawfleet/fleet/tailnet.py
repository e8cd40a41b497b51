"""What Tailscale shall do for the gateways of a host, and what stands against it. Part of check A7 of deploy §5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.tailscale import MANAGED_PORT, GatewayTailscale
from clawfleet.fleet.overlay import value_at
from clawfleet.fleet.problems import Problem

FUNNEL_PORTS = (443, 8443, 10000)
LOOPBACK = "127.0.0.1"


def tailnet_config(wish: GatewayTailscale | None) -> dict[str, Any]:
    """The keys of openclaw.json that follow: its own route, or the word of a route that somebody else keeps."""
    if wish is None:
        return {}
    if wish.mode != "off" and wish.https_port != MANAGED_PORT:
        return {"gateway": {"tailscale": {"mode": "off"}, "trustedProxies": [LOOPBACK]}}
    return {"gateway": {"tailscale": {"mode": wish.mode}}}


def kept_route(item: GatewayInstance) -> GatewayTailscale | None:
    """The route to this gateway that the recipes keep; None where it has none, or claims its own."""
    wish = item.tailscale
    return wish if wish and wish.mode != "off" and wish.https_port != MANAGED_PORT else None


def claims_route(item: GatewayInstance) -> bool:
    """Whether the gateway claims port 443 of the tailnet by itself."""
    return value_at(item.config, "gateway.tailscale.mode") in ("serve", "funnel")


def needs_tailscale(item: GatewayInstance) -> bool:
    """Whether the gateway shall start after Tailscale."""
    return claims_route(item) or item.bind == "tailnet"


def operator_of(fleet: Fleet, instances: Sequence[GatewayInstance], host: str) -> str | None:
    """The user of a host who may change Tailscale's routes, where the file allows that to one."""
    wanted = fleet.hosts[host].tailscale
    users = [item.os_user for item in instances if item.host == host and claims_route(item)]
    return users[0] if wanted and wanted.operator and users and users[0] != "root" else None


def find_tailnet_problems(fleet: Fleet, instances: Sequence[GatewayInstance]) -> list[Problem]:
    """Every route that cannot be, or that two want; everything that a host cannot do."""
    found = [problem for item in instances for problem in (*_kept(item), *_allowed(fleet, item))]
    for host, group in groupby(instances, key=lambda item: item.host):
        found += [*_same_port(list(group)), *_host(fleet, host)]
    return found


def _kept(item: GatewayInstance) -> Iterator[Problem]:
    route = kept_route(item)
    if route is None:
        return
    if item.bind != "loopback":
        message = f"{item.id}: Tailscale {route.mode} leads to this machine's loopback, and the gateway binds to "
        yield Problem("A7", f"{message}{item.bind}", "remove `bind`")
    if LOOPBACK not in (value_at(item.config, "gateway.trustedProxies") or ()):
        message = f"{item.id}: `config` sets gateway.trustedProxies without {LOOPBACK}, where Tailscale comes from"
        yield Problem("A7", message, "add it")
    if route.mode != "funnel":
        return
    if route.https_port not in FUNNEL_PORTS:
        message = f"{item.id}: Funnel is for the ports 443, 8443 and 10000, and not for {route.https_port}"
        yield Problem("A7", message, "set tailscale.httpsPort to one of them")
    if value_at(item.config, "gateway.auth.mode") != "password":
        hint = "set gateway.auth.mode to password and OPENCLAW_GATEWAY_PASSWORD in `secrets`"
        yield Problem("A7", f"{item.id}: tailscale funnel requires gateway auth mode=password", hint)
    if not item.allow_public:
        yield Problem("A7", f"{item.id}: Funnel shows the gateway to the whole internet", "say so: `allowPublic: true`")


def _allowed(fleet: Fleet, item: GatewayInstance) -> Iterator[Problem]:
    wanted = fleet.hosts[item.host].tailscale
    if claims_route(item) and item.os == "linux" and item.os_user != "root" and not (wanted and wanted.operator):
        message = f"{item.id}: {item.os_user} may not change Tailscale's routes, unless somebody allowed it by hand"
        yield Problem("A7", message, f"{item.host}: `tailscale: {{ operator: true }}`", "warning")


def _same_port(mine: Sequence[GatewayInstance]) -> Iterator[Problem]:
    taken: dict[int, str] = {}
    for item in mine:
        if (route := kept_route(item)) is None:
            continue
        if other := taken.get(route.https_port):
            message = f"{other} and {item.id} both want port {route.https_port} of the tailnet on {item.host}"
            yield Problem("A7", message, "give one of them another tailscale.httpsPort")
        taken[route.https_port] = item.id


def _host(fleet: Fleet, host: str) -> Iterator[Problem]:
    spec = fleet.hosts[host]
    if spec.os == "darwin" and (spec.tailscale or any(item.tailscale for item in spec.gateways.values())):
        message = f"{host}: the recipes do not set Tailscale up on macOS"
        yield Problem("mac", message, "install it by hand, and set gateway.tailscale.mode in `config`")
