"""The checked fleet in pyinfra's form: one host per machine, with how to reach it and nothing secret.

A fleet that cannot be deployed ends here with exit code 3, before any host is contacted.
"""

import sys as _sys
from pathlib import Path as _Path
from typing import Any as _Any

from clawfleet.fleet.models import Connect as _Connect
from clawfleet.fleet.problems import FleetInvalidError as _FleetInvalidError
from fleet_file import checked_fleet as _checked_fleet


def _ssh(connect: _Connect, base: _Path) -> dict[str, _Any]:
    """pyinfra's words for how a host is reached; every user but root becomes root with sudo."""
    data: dict[str, _Any] = {
        "ssh_hostname": connect.hostname,
        "ssh_port": connect.port,
        "ssh_user": connect.user,
        "ssh_strict_host_key_checking": connect.strict_host_key,
        "_sudo": connect.user != "root",
    }
    if connect.key:
        data["ssh_key"] = str(base / _Path(connect.key).expanduser())
    if connect.known_hosts:
        data["ssh_known_hosts_file"] = str(base / _Path(connect.known_hosts).expanduser())
    return data


try:
    _fleet = _checked_fleet()
except _FleetInvalidError as _error:
    print(_error.report(), file=_sys.stderr)
    raise SystemExit(_error.exit_code) from None
for _warning in _fleet.warnings:
    print(_warning, file=_sys.stderr)

gateway_hosts = [(_name, _ssh(_host.connect, _fleet.path.parent)) for _name, _host in _fleet.fleet.hosts.items()]
