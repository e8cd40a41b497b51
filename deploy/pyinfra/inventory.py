"""The checked fleet in pyinfra's form: one host per machine, with how to reach it and nothing secret.

A fleet that cannot be deployed ends here with exit code 3, before any host is contacted.
"""

import sys as _sys

from clawfleet.fleet.problems import FleetInvalidError as _FleetInvalidError
from control.machines import learn_machines as _learn_machines
from control.macs import learn_systems as _learn_systems
from fleet_file import checked_fleet as _checked_fleet
from hosts import pyinfra_host as _pyinfra_host
from settings import Settings as _Settings

try:
    _learn_systems(_Settings().fleet)
    _fleet = _checked_fleet()
    if _learn_machines(_fleet, _Settings().wheelhouse):
        _checked_fleet.cache_clear()
        _fleet = _checked_fleet()
except _FleetInvalidError as _error:
    print(_error.report(), file=_sys.stderr)
    raise SystemExit(_error.exit_code) from None
for _warning in _fleet.warnings:
    print(_warning, file=_sys.stderr)

gateway_hosts = [_pyinfra_host(_fleet.fleet, _fleet.on(_name)[0], _fleet.path.parent) for _name in _fleet.fleet.hosts]
