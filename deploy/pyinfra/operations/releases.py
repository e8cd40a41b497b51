"""Releases: one read-only venv per wheelhouse, built beside the one in use."""

from __future__ import annotations

import shlex
from pathlib import Path

from pyinfra import host
from pyinfra.api import FileUploadCommand, StringCommand, operation

from facts.releases import ReleaseComplete, UnusedReleases
from layout import Places
from shell import Commands, is_mac, python, script
from wheelhouse import Wheelhouse

FITTING = """
import platform, sys
wanted, library = " ".join(sys.argv[1:4]), sys.argv[4:]
here = "%d.%d %s %s" % (*sys.version_info[:2], platform.system(), platform.machine())
if here != wanted:
    sys.exit(f"the wheelhouse is for Python {wanted}, this host has {here}")
number = lambda version: [int(part) for part in version.split(".") if part.isdigit()]
name, version = platform.libc_ver()
if library and (name != "glibc" or number(version) < number(library[0])):
    sys.exit(f"the wheels need glibc {library[0]} or newer, this host has {name} {version}")
"""
"""Runs on a host with what a wheelhouse is for."""


@operation()
def installed_release(wheelhouse: Wheelhouse, directory: Path, places: Places) -> Commands:
    """The wheelhouse is installed as a release, from its own wheels only: the host needs no package index.

    A host whose Python or machine does not fit is refused before anything is written. A release that was not
    finished is built anew.
    """
    home = places.release(wheelhouse.release)
    if host.get_fact(ReleaseComplete, home=home):
        host.noop(f"release {wheelhouse.release} is installed")
        return
    archive = f"{places.releases}/{wheelhouse.archive}"
    yield StringCommand(fitting_host(wheelhouse))
    yield StringCommand(f"umask 022 && mkdir -p {places.releases}")
    yield FileUploadCommand(str(directory / wheelhouse.archive), archive)
    # A release keeps its Python: the recipes' own link may point at another later.
    interpreter = f'"$(readlink {python()})"' if is_mac() else python()
    yield StringCommand(f"{interpreter} -I {script('release_tree')} {home} {archive} {wheelhouse.sha256}")


@operation()
def pruned_releases(keep: int, places: Places) -> Commands:
    """No more than the `keep` newest releases and those in use lie on the host."""
    found = host.get_fact(UnusedReleases, root=places.root, command=places.command, keep=keep)
    if not found:
        host.noop("no release is superfluous")
    for release in found:
        yield StringCommand(f"rm -rf {shlex.quote(places.release(release))}")


def fitting_host(wheelhouse: Wheelhouse) -> str:
    """Fails with the reason when the wheels cannot run here."""
    return f"{python()} -c {shlex.quote(FITTING)} {wheelhouse.platform}"
