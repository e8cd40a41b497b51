"""SSH tunnels as units: a client's host keeps ports of other hosts open; a gateway's host lets named keys in."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.fleet.instance import GatewayInstance, home_of
from clawfleet.fleet.levels import first, host_levels
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.models.host import Host, Tunnel
from clawfleet.fleet.systems import DEFAULT_OS_USER
from clawfleet.host.units import argument
from operations.placed import owned_directory, secret_file
from operations.units import no_other_units, running_unit
from operations.users import service_user
from shell import HiddenText, Target

PREFIX = "openclaw-tunnel-"
USER = "tunnel"
UNIT = """[Unit]
Description=OpenClaw tunnel {name}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
User={user}
ExecStart=/usr/bin/ssh {words}
Restart=always
RestartSec=5
NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""


def place_tunnels(fleet: Fleet, host_name: str, instances: Sequence[GatewayInstance]) -> None:
    """Tunnels of this host run, former ones are gone; keys are let in where the file names some."""
    host = fleet.hosts[host_name]
    user = first(host_levels(fleet, host_name), "os_user", DEFAULT_OS_USER)
    for name, tunnel in host.tunnels.items():
        unit = f"{PREFIX}{name}.service"
        target = Target(f"/etc/systemd/system/{unit}", "root", "644")
        placed = secret_file(name=f"{unit}", target=target, content=HiddenText(tunnel_unit(name, tunnel, user)))
        running_unit(name=f"{unit} runs", unit=unit, after=[placed])
    no_other_units(name="no other tunnels", prefix=PREFIX, wanted=[f"{PREFIX}{name}.service" for name in host.tunnels])
    if host.tunnel_keys:
        _let_in(host, instances)


def _let_in(host: Host, instances: Sequence[GatewayInstance]) -> None:
    home = home_of(USER)
    service_user(name=f"user {USER}", user=USER, home=home, login="/usr/sbin/nologin")
    owned_directory(name=f"user {USER}: .ssh", path=f"{home}/.ssh", owner=USER, mode="700", inside=home)
    secret_file(
        name=f"user {USER}: authorized_keys",
        target=Target(f"{home}/.ssh/authorized_keys", USER, "600"),
        content=HiddenText(authorized_keys(host.tunnel_keys, [item.port for item in instances])),
    )


def tunnel_unit(name: str, tunnel: Tunnel, user: str) -> str:
    """The unit's text."""
    words = " ".join(argument(word) for word in ssh_words(tunnel, home_of(user)))
    return UNIT.format(name=name, user=user, words=words)


def ssh_words(tunnel: Tunnel, home: str) -> list[str]:
    """What ssh is told: no shell; ended when the port cannot be had or the other side is gone."""
    key, known_hosts = (path.replace("~", home, 1) for path in (tunnel.key, tunnel.known_hosts))
    options = ["BatchMode=yes", "ExitOnForwardFailure=yes", "ServerAliveInterval=30", "ServerAliveCountMax=3"]
    options += ["StrictHostKeyChecking=yes", f"UserKnownHostsFile={known_hosts}", "IdentitiesOnly=yes"]
    words = ["-N", "-T", "-p", str(tunnel.port), "-i", key]
    words += [word for option in options for word in ("-o", option)]
    way = f"127.0.0.1:{tunnel.local_port}:127.0.0.1:{tunnel.remote_port}"
    return [*words, "-L", way, f"{tunnel.user}@{tunnel.hostname}"]


def authorized_keys(keys: Sequence[str], ports: Sequence[int]) -> str:
    """Lines that let each key forward to the gateways' ports and do nothing else."""
    opened = ",".join(f'permitopen="127.0.0.1:{port}"' for port in ports)
    return "".join(f"restrict,port-forwarding,{opened} {key}\n" for key in keys)
