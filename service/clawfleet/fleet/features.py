"""What the fleet asks of one host beside its gateways: decides what; scripts on the host do it. Source: deploy §4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clawfleet.fleet.boundaries import route_mode
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.levels import first, host_levels
from clawfleet.fleet.models.docker import SANDBOX_IMAGE, Docker, SandboxImage
from clawfleet.fleet.models.firewall import Firewall
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.upkeep import Journal, Ssh, Updates
from clawfleet.fleet.overlay import value_at

TAILNET_PORT = 41641
TUNNEL_USER = "tunnel"


@dataclass(frozen=True, slots=True)
class Features:
    """The sections of one host, None where no level of the fleet file says anything; `offline`: it has no network."""

    docker: Docker | None
    sandbox: SandboxImage | None
    firewall: Firewall | None
    ssh: Ssh | None
    journal: Journal | None
    updates: Updates | None
    offline: bool | None = None


def features_of(fleet: Fleet, host_name: str) -> Features:
    """What is asked of the host."""
    levels = host_levels(fleet, host_name)
    return Features(**{name: first(levels, name) for name in Features.__dataclass_fields__})


def is_sandboxed(instance: GatewayInstance) -> bool:
    """Whether agents of the gateway run their tools in containers."""
    return any(value_at(row, "sandbox.mode") not in {None, "off"} for row in _agents(instance))


def sandbox_images(instance: GatewayInstance) -> list[str]:
    """The images that the sandboxes of a gateway are made of, as far as the fleet knows."""
    named = [value_at(row, "sandbox.docker.image") for row in _agents(instance)]
    return list(dict.fromkeys(str(name) for name in named if name)) or [SANDBOX_IMAGE]


def _agents(instance: GatewayInstance) -> list[Mapping[str, Any]]:
    """The defaults of agents, and each agent, as the config has them."""
    agents = instance.config.get("agents")
    tree: Mapping[str, Any] = agents if isinstance(agents, Mapping) else {}
    entries, rows = tree.get("entries"), tree.get("list")
    found = [tree.get("defaults"), *(entries.values() if isinstance(entries, Mapping) else ())]
    found += rows if isinstance(rows, list) else []
    return [row for row in found if isinstance(row, Mapping)]


def uses_tailnet(instances: Sequence[GatewayInstance]) -> bool:
    """Whether gateways of the host are reached over Tailscale."""
    return any(item.bind == "tailnet" or route_mode(item) != "off" for item in instances)


def firewall_order(firewall: Firewall, instances: Sequence[GatewayInstance]) -> dict[str, Any]:
    """What the host's script is told: rules as name, protocol, port and sources. It adds ssh by itself, first."""
    rules = [
        {"name": f"gateway {item.name}", "protocol": "tcp", "port": item.port, "sources": firewall.gateways_from}
        for item in instances
        if item.bind != "loopback" and firewall.gateways_from
    ]
    rules += [{"name": name, **opening.model_dump()} for name, opening in firewall.open.items()]
    tailnet = uses_tailnet(instances)
    if tailnet:
        rules.append({"name": "tailscale", "protocol": "udp", "port": TAILNET_PORT, "sources": []})
    return {
        "tool": firewall.tool,
        "sshFrom": firewall.ssh_from,
        "tailnet": tailnet,
        "rules": rules,
        "seconds": firewall.dead_man_s,
    }


def ssh_order(ssh: Ssh, login: str, *, tunnels: bool) -> dict[str, Any]:
    """What the host's script is told: the users that `AllowUsers` names, none for everybody."""
    users = [*ssh.allow_users, login, *([TUNNEL_USER] if tunnels else [])] if ssh.allow_users else []
    return {"allowUsers": list(dict.fromkeys(users)), "seconds": ssh.dead_man_s}


def host_orders(fleet: Fleet, host_name: str, instances: Sequence[GatewayInstance]) -> dict[str, Any]:
    """Feature → what the host's script is told, None where it shall be as if it was never asked for."""
    host, asked = fleet.hosts[host_name], features_of(fleet, host_name)
    login = host.connect.user
    tunnels = bool(host.tunnel_keys)
    return {
        "firewall": firewall_order(asked.firewall, instances) if asked.firewall else None,
        "ssh": ssh_order(asked.ssh, login, tunnels=tunnels) if asked.ssh else None,
        "journal": {"maxUse": asked.journal.max_use} if asked.journal else None,
        "updates": {} if asked.updates else None,
    }
