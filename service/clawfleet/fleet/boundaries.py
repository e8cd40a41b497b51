"""Who must stay apart, and who may be seen from where: Tailscale routes and tenants. Checks A7 and A9 of deploy §5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.overlay import value_at
from clawfleet.fleet.problems import Problem


def find_boundary_problems(instances: Sequence[GatewayInstance]) -> list[Problem]:
    """Every route that two gateways want or nobody allowed, every OS user that two tenants share."""
    problems = [problem for item in instances for problem in (*_route(item), *_tls(item))]
    for _, group in groupby(instances, key=lambda item: item.host):
        for one, other in combinations(list(group), 2):
            problems += [*_same_route(one, other), *_same_user(one, other)]
    return problems


def route_mode(item: GatewayInstance) -> str:
    """`off`, `serve` or `funnel`: what Tailscale shall do in front of the gateway."""
    return str(value_at(item.config, "gateway.tailscale.mode") or "off")


def _route(item: GatewayInstance) -> Iterator[Problem]:
    mode = route_mode(item)
    if mode == "off":
        return
    if item.bind != "loopback":
        is_old_way = item.seed_compat and item.bind == "tailnet"  # it listens on the loopback too
        yield Problem(
            "A7",
            f"{item.id}: Tailscale {mode} leads to this machine's loopback, and the gateway binds to {item.bind}",
            "remove `bind`, or set gateway.tailscale.mode to off",
            "warning" if is_old_way else "error",
        )
    if mode == "funnel" and value_at(item.config, "gateway.auth.mode") != "password":
        yield Problem(
            "A7",
            f"{item.id}: tailscale funnel requires gateway auth mode=password",
            "set gateway.auth.mode to password and OPENCLAW_GATEWAY_PASSWORD in `secrets`",
        )
    if mode == "funnel" and not item.allow_public:
        yield Problem("A7", f"{item.id}: Funnel shows the gateway to the whole internet", "say so: `allowPublic: true`")


def _tls(item: GatewayInstance) -> Iterator[Problem]:
    if value_at(item.config, "gateway.tls.enabled"):
        yield Problem(
            "tls",
            f"{item.id}: gateway.tls.enabled, and the fleet asks its gateways on their own hosts in clear text",
            "remove it: reach the gateway through Tailscale or `openclaw fleet tunnel`, or put a TLS proxy in front",
        )


def _same_route(one: GatewayInstance, other: GatewayInstance) -> Iterator[Problem]:
    if "off" not in {route_mode(one), route_mode(other)}:
        yield Problem(
            "A7",
            f"{one.id} and {other.id} both want port 443 of the tailnet on {one.host}",
            "give one of them `tailscale: { mode, httpsPort: 8443 }`, or reach it through `openclaw fleet tunnel`",
        )


def _same_user(one: GatewayInstance, other: GatewayInstance) -> Iterator[Problem]:
    if one.os_user == other.os_user and one.tenant != other.tenant:
        yield Problem(
            "A9",
            f"{one.id} (tenant {one.tenant or 'none'}) and {other.id} (tenant {other.tenant or 'none'}) "
            f"share the OS user {one.os_user}: each could read the other's secrets",
            "give each tenant its own `osUser`",
        )
