"""A host of the fleet in pyinfra's words: its name there and how it is reached, with nothing secret."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.systems import is_rootless, system_of
from layout import places_of

ALIVE_EVERY_S = 15
SILENT_S = 45
"""As long as ssh itself waits for a host that does not answer any more (see control/reach.py)."""


def notice_silence(host: Any) -> None:
    """Lets a connection end whose other side has gone without a word; paramiko would wait for it for ever."""
    client = getattr(host.connector, "client", None)
    transport = client.get_transport() if client is not None else None
    if transport is not None:
        transport.set_keepalive(ALIVE_EVERY_S)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_S * 1000)


def pyinfra_host(fleet: Fleet, instance: GatewayInstance, base: Path) -> tuple[str, dict[str, Any]]:
    """Name and data of the host of a gateway; every user but root becomes root with sudo where root is needed.

    `fleet_host` is the name in the fleet file; `fleet_os` and `fleet_root` are what `shell.py` goes by.
    """
    name, connect = instance.host, fleet.hosts[instance.host].connect
    known = {"fleet_host": name, "fleet_os": system_of(fleet, name), "fleet_root": places_of(instance).root}
    rootless = is_rootless(fleet, name)
    if connect.via == "docker":
        return f"@docker/{connect.hostname}", known | ({"_su_user": connect.user} if rootless else {})
    if connect.via == "local":
        return "@local", {**known, "_sudo": os.geteuid() != 0 and not rootless}
    data: dict[str, Any] = {
        **known,
        "ssh_hostname": connect.hostname,
        "ssh_port": connect.port,
        "ssh_user": connect.user,
        "ssh_strict_host_key_checking": connect.strict_host_key,
        "_sudo": connect.user != "root" and not rootless,
    }
    if connect.key:
        data["ssh_key"] = str(base / Path(connect.key).expanduser())
    if connect.known_hosts:
        data["ssh_known_hosts_file"] = str(base / Path(connect.known_hosts).expanduser())
    return name, data
