"""Where Prometheus reaches each gateway, as a file for its `scrape_config_files`. Decides; the caller writes.

One job per gateway, as each has a token of its own; a `file_sd` list could not say which is whose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.host import Tunnel

METRICS_PATH = "/api/diagnostics/prometheus"
TOKENS = "tokens"
"""Directory of the token files, beside the scrape file."""


def scrape_config(fleet: Fleet, instances: Sequence[GatewayInstance], where: str | None) -> dict[str, Any]:
    """The jobs of all gateways that Prometheus reaches from `where`, a host of the fleet, or from outside of it."""
    jobs = [_job(item, at) for item in instances if (at := address(fleet, item, where)) is not None]
    return {"scrape_configs": jobs}


def out_of_reach(fleet: Fleet, instances: Sequence[GatewayInstance], where: str | None) -> list[str]:
    """The gateways that cannot be reached from there, by their ids."""
    return [item.id for item in instances if address(fleet, item, where) is None]


def address(fleet: Fleet, item: GatewayInstance, where: str | None) -> str | None:
    """`host:port` of a gateway as seen from there; None when nothing leads there.

    On its own host that is loopback; elsewhere a tunnel that `where` keeps open, or the host's address where the
    gateway listens beyond loopback.
    """
    if item.host == where:
        return f"127.0.0.1:{item.port}"
    hostname = fleet.hosts[item.host].connect.hostname
    tunnels: Sequence[Tunnel] = tuple(fleet.hosts[where].tunnels.values()) if where else ()
    for tunnel in tunnels:
        if (tunnel.hostname, tunnel.remote_port) == (hostname, item.port):
            return f"127.0.0.1:{tunnel.local_port}"
    return None if item.bind == "loopback" else f"{hostname}:{item.port}"


def token_file(item: GatewayInstance) -> str:
    """Where the token of a gateway lies, from the scrape file's directory."""
    return f"{TOKENS}/{item.host}-{item.name}"


def _job(item: GatewayInstance, at: str) -> dict[str, Any]:
    return {
        "job_name": f"clawfleet/{item.id}",
        "metrics_path": METRICS_PATH,
        "authorization": {"credentials_file": token_file(item)},
        "static_configs": [
            {"targets": [at], "labels": {"instance": item.id, "host": item.host, "gateway": item.name}},
        ],
    }
