"""What `pyinfra inventory.py deploy.py` does to one host; pyinfra runs this once per host. See docs/fleet.md."""

from pyinfra import host

from fleet_file import checked_fleet
from operations.releases import pruned_releases
from tasks.gateway import place_gateway
from tasks.packages import install_packages
from tasks.release import install_release
from tasks.users import prepare_users

fleet = checked_fleet()
instances = fleet.on(host.name)
mine = {instance.name: instance for instance in instances}

install_packages(host.data.debian_packages)
prepare_users(instances)
install_release(fleet.wheelhouse, fleet.wheelhouse_dir)
# The loop is over all names of the fleet: pyinfra runs what stands at the same place on all hosts as one operation,
# and gateways of different names must not be mixed up in its results.
for name in host.loop(fleet.names()):  # type: ignore[no-untyped-call]
    if name in mine:
        place_gateway(fleet, mine[name])
pruned_releases(name="old releases", keep=host.data.keep_releases)
