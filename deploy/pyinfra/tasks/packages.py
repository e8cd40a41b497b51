"""Distribution packages that gateways, their service managers and what is asked of the host need."""

from __future__ import annotations

from pyinfra import host
from pyinfra.api.operation import OperationMeta

from clawfleet.fleet.features import Features
from facts.packages import Distribution, HasCommand, Os
from group_data.all import feature_packages, packages
from operations.packages import installed_packages


def install_packages(asked: Features) -> list[OperationMeta]:
    """The missing packages, if any; which ones is the host's own word about its distribution."""
    os, offline = host.get_fact(Distribution), bool(asked.offline)
    base = packages.get(os.family, packages["debian"])
    done = [installed_packages(name="packages", os=os, packages=base, offline=offline)]
    if wanted := wanted_packages(asked, os):
        more = installed_packages(
            name=f"packages {' '.join(wanted)}", os=os, packages=wanted, offline=offline, noted=True
        )
        done.append(more)
    return done


def wanted_packages(asked: Features, os: Os) -> list[str]:
    """What the features of this host need; one that is there by other means needs none."""
    known = feature_packages.get(os.family, {})
    wanted: list[str] = []
    if asked.docker and asked.docker.install and not host.get_fact(HasCommand, command="docker"):
        wanted += known.get("docker", ["docker"])
    if asked.firewall:
        tool = asked.firewall.tool
        if tool == "auto":
            tool = "ufw" if host.get_fact(HasCommand, command="ufw") else "nftables"
        if not host.get_fact(HasCommand, command={"ufw": "ufw", "nftables": "nft"}[tool]):
            wanted += known.get(tool, [tool])
    if asked.updates:
        wanted += known.get("updates", [])
    return wanted
