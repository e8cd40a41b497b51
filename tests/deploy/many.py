"""Fifty hosts that are one machine: each of its addresses is a host with its own connection, as far as one can tell."""

from __future__ import annotations

import subprocess
from typing import Any

from tests.deploy.fleets import Fleet

COUNT = 50
# Runs inside a host: gives its interface these addresses too.
MORE_ADDRESSES = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    for number, address in enumerate(sys.argv[1:]):
        place = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(sock, 0x8916, struct.pack("16s16s8x", f"eth0:{number}".encode(), place))
"""
MORE_LOGINS = "echo MaxStartups 200 > /etc/ssh/sshd_config.d/many.conf; systemctl reload ssh"


def many_hosts(fleet: Fleet, host: str, name: str, gateway: dict[str, Any]) -> Fleet:
    """A fleet of `COUNT` hosts, each of which has that gateway of the host, which runs already."""
    container = fleet.hosts[host].container
    place = ["docker", "inspect", "-f", "{{.NetworkSettings.IPAddress}}", container]
    address = subprocess.run(place, capture_output=True, text=True, check=True).stdout.strip()
    first, second, _, last = address.split(".")
    addresses = [f"{first}.{second}.{100 + int(last) % 100}.{number}" for number in range(1, COUNT + 1)]
    fleet.inside(host, "python3", "-c", MORE_ADDRESSES, *addresses)
    fleet.inside(host, "sh", "-c", MORE_LOGINS)
    spec = fleet.tree["hosts"][host]
    connect = spec["connect"] | {"port": 22, "strictHostKey": "no", "knownHosts": "/dev/null"}
    hosts = {
        f"h{number:02}": {
            "connect": connect | {"hostname": each},
            "service": spec["service"],
            "gateways": {name: gateway | {"port": 18789}},
        }
        for number, each in enumerate(addresses)
    }
    directory = fleet.directory / "many"
    directory.mkdir()
    return Fleet(directory, fleet.wheelhouse, tree={"version": 1, "hosts": hosts})


def large_file(gateways: int, hosts: int) -> dict[str, Any]:
    """A fleet file with that many gateways."""
    each = gateways // hosts
    return {
        "version": 1,
        "hosts": {
            f"host-{number:03}": {
                "connect": {"hostname": f"10.0.{number // 250}.{number % 250 + 1}"},
                "gateways": {f"g{index}": {"osUser": f"claw{index}"} for index in range(each)},
            }
            for number in range(hosts)
        },
    }
