"""The fleet as instances: every value looked up on its levels, every name and place decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clawfleet.fleet.instance import TOKEN_NAME, GatewayInstance, Limits, default_state_dir, home_of
from clawfleet.fleet.levels import first, gateway_levels, together
from clawfleet.fleet.models.base import Section
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.gateway import Scope
from clawfleet.fleet.models.host import System
from clawfleet.fleet.overlay import FORCED, deep_merge, owned_config
from clawfleet.fleet.ports import allocate_ports
from clawfleet.fleet.secret_refs import SecretRef
from clawfleet.fleet.systems import default_os_user, system_of
from clawfleet.fleet.tailnet import tailnet_config

LAUNCHD_STOP_S = 20
"""What launchd gives a job to end."""


OWN = ("tenant", "share_token", "allow_public", "seed_compat", "tailscale", "enabled", "adopt")
"""What only a gateway itself can say."""


def expand(fleet: Fleet, remembered_ports: Mapping[str, int]) -> tuple[GatewayInstance, ...]:
    """Every gateway of the fleet, in the order of the file.

    `remembered_ports` maps `host/name` to the port of an earlier run. A gateway without its own token secret gets a
    generated one: no gateway runs without.
    """
    found = []
    for host_name, host in fleet.hosts.items():
        declared = {name: gateway.port for name, gateway in host.gateways.items()}
        ports = allocate_ports(declared, _of_host(host_name, remembered_ports))
        found += [_instance(fleet, (host_name, name), ports[name]) for name in host.gateways]
    return tuple(found)


def allocated_ports(fleet: Fleet, instances: tuple[GatewayInstance, ...]) -> dict[str, int]:
    """`host/name` → port of the instances whose port the file does not say: what the next run must remember."""
    return {item.id: item.port for item in instances if fleet.hosts[item.host].gateways[item.name].port is None}


def _of_host(host_name: str, remembered: Mapping[str, int]) -> dict[str, int]:
    split = ((key.partition("/"), port) for key, port in remembered.items())
    return {name: port for (host, _, name), port in split if host == host_name}


def _instance(fleet: Fleet, names: tuple[str, str], port: int) -> GatewayInstance:
    gateway, levels = fleet.hosts[names[0]].gateways[names[1]], gateway_levels(fleet, *names)
    profile = gateway.profile or names[1]
    system = system_of(fleet, names[0])
    os_user: str = first(levels, "os_user", default_os_user(fleet, names[0]))
    home = home_of(os_user, system)
    state_dir = _absolute(gateway.state_dir, home) or default_state_dir(profile, home)
    workspace = _absolute(gateway.workspace, home) or f"{state_dir}/workspace"
    bind = first(levels, "bind", "loopback")
    service: Scope = first(levels, "service", "user")
    limits = _limits(levels, service, system)
    own = owned_config(port, bind, workspace, TOKEN_NAME)
    if service == "system" and limits.hardening == "strict" and system == "linux":
        own |= {"logging": {"file": f"{state_dir}/logs/openclaw-YYYY-MM-DD.log"}}  # it has a /tmp of its own
    return GatewayInstance(
        host=names[0],
        name=names[1],
        profile=profile,
        port=port,
        bind=bind,
        os_user=os_user,
        service=service,
        os=system,
        state_dir=state_dir,
        config_path=_absolute(gateway.config_path, home) or f"{state_dir}/openclaw.json",
        workspace=workspace,
        limits=limits,
        env=together(levels, "env"),
        secrets={TOKEN_NAME: SecretRef("generate")} | together(levels, "secrets"),
        config=deep_merge(deep_merge(own, tailnet_config(gateway.tailscale)), together(levels, "config")),
        backup=first(levels, "backup"),
        release=first(levels, "release", fleet.release),
        config_mode=first(levels, "config_mode", "merge"),
        force_paths=(*FORCED, *first(levels, "force_paths", ())),
        env_unknown=first(levels, "env_unknown", "keep" if gateway.adopt else "drop"),
        **{field: getattr(gateway, field) for field in OWN},
    )


def _limits(levels: Sequence[Section], service: Scope, system: System) -> Limits:
    stop_s = LAUNCHD_STOP_S if system == "darwin" else Limits().stop_timeout_s
    builtin = Limits(hardening="strict" if service == "system" else "basic", stop_timeout_s=stop_s)
    return Limits(
        memory_max=first(levels, "memory_max", builtin.memory_max),
        cpu_quota=first(levels, "cpu_quota", builtin.cpu_quota),
        tasks_max=first(levels, "tasks_max", builtin.tasks_max),
        stop_timeout_s=first(levels, "stop_timeout_s", builtin.stop_timeout_s),
        hardening=first(levels, "hardening", builtin.hardening),
    )


def _absolute(place: str | None, home: str) -> str:
    """`place` without `~`, doubled or trailing slashes; the empty string when there is none."""
    if place is None:
        return ""
    full = home + place[1:] if place.startswith("~") else place
    return "/" + "/".join(part for part in full.split("/") if part not in {"", "."})
