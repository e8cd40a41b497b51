"""What `pyinfra inventory.py deploy.py` does to one host; pyinfra runs this once per host. See docs/fleet.md."""

from pyinfra import host

from fleet_file import checked_fleet
from tasks.host import place_gateways, prepare_host

fleet = checked_fleet()
instances = fleet.on(host.data.fleet_host)

prepare_host(fleet, instances)
place_gateways(fleet, instances)
