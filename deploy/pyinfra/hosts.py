"""A host of the fleet in pyinfra's words: its name there and how it is reached, with nothing secret."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from clawfleet.fleet.models.host import Connect


def pyinfra_host(name: str, connect: Connect, base: Path) -> tuple[str, dict[str, Any]]:
    """Name and data; every user but root becomes root with sudo. `fleet_host` is the name in the fleet file."""
    if connect.via == "docker":
        return f"@docker/{connect.hostname}", {"fleet_host": name}
    if connect.via == "local":
        return "@local", {"fleet_host": name, "_sudo": os.geteuid() != 0}
    data: dict[str, Any] = {
        "fleet_host": name,
        "ssh_hostname": connect.hostname,
        "ssh_port": connect.port,
        "ssh_user": connect.user,
        "ssh_strict_host_key_checking": connect.strict_host_key,
        "_sudo": connect.user != "root",
    }
    if connect.key:
        data["ssh_key"] = str(base / Path(connect.key).expanduser())
    if connect.known_hosts:
        data["ssh_known_hosts_file"] = str(base / Path(connect.known_hosts).expanduser())
    return name, data
