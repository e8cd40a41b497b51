"""Packages of a host's distribution."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation
from pyinfra.operations import apt, dnf

from facts.packages import MissingPackages, Os
from layout import LINUX
from shell import Commands, refuse

NOTES = f"{LINUX.made}/packages"
LIST = {"debian": "dpkg-query -W -f '${Package}\\n'", "fedora": "rpm -qa --qf '%{NAME}\\n'"}


@operation()
def installed_packages(os: Os, packages: Sequence[str], *, offline: bool = False, noted: bool = False) -> Commands:
    """The packages are there; a host that has them all contacts no package index.

    `noted`: what came with them is written down, so that it can go with the last gateway. An offline host is told what
    it lacks instead.
    """
    if not packages:
        host.noop("no package is wanted")
        return
    if os.family not in LIST:
        yield refuse(
            f"{os.name} is neither like Debian nor like Fedora: install {', '.join(packages)} by its own means"
        )
        return
    missing = host.get_fact(MissingPackages, family=os.family, packages=tuple(packages))
    if not missing:
        host.noop(f"{', '.join(packages)} are installed")
        return
    if offline:
        yield refuse(f"this host is offline and lacks {', '.join(missing)}: put them into its image, or install them")
        return
    if noted:
        yield StringCommand(f"mkdir -p {LINUX.made} && {LIST[os.family]} | LC_ALL=C sort -u > {NOTES}.before")
    if os.family == "debian":
        yield from apt.packages._inner(packages=missing, update=True, cache_time=3600, no_recommends=True)
    else:
        yield from dnf.packages._inner(packages=missing)
    if noted:
        fresh = f"{LIST[os.family]} | LC_ALL=C sort -u | LC_ALL=C comm -13 {NOTES}.before -"
        yield StringCommand(f"{fresh} >> {NOTES} && rm {NOTES}.before")
