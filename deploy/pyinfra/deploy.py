"""What `pyinfra inventory.py deploy.py` does to one host; pyinfra runs this once per host. See docs/fleet.md."""

from pyinfra import host, logger, state

from fleet_file import checked_fleet
from hosts import notice_silence
from sudo import become_root
from tasks.host import place_gateways, prepare_host

fleet = checked_fleet()
instances = fleet.on(host.data.fleet_host)

notice_silence(host)
if said := become_root(host, fleet.sudo_passwords.get(host.data.fleet_host)):
    logger.error(f"{host.print_prefix}sudo: {said}")
    state.fail_hosts({state.inventory.get_host(host.name)})  # type: ignore[no-untyped-call]
else:
    prepare_host(fleet, instances)
    place_gateways(fleet, instances)
