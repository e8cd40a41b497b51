"""Releases: one read-only venv per wheelhouse, built beside the one in use."""

from __future__ import annotations

import shlex
from pathlib import Path

from pyinfra import host
from pyinfra.api import FileUploadCommand, StringCommand, operation

from facts.releases import ReleaseComplete, UnusedReleases
from layout import BUILD_SCRIPT, RELEASES
from shell import Commands
from wheelhouse import Wheelhouse


@operation()
def installed_release(wheelhouse: Wheelhouse, directory: Path) -> Commands:
    """The wheelhouse is installed as a release, from its own wheels only: the host needs no package index.

    A host whose Python or machine does not fit is refused before anything is written. A release that was not
    finished is built anew.
    """
    if host.get_fact(ReleaseComplete, release=wheelhouse.release):
        host.noop(f"release {wheelhouse.release} is installed")
        return
    home = f"{RELEASES}/{wheelhouse.release}"
    archive = f"{RELEASES}/{wheelhouse.archive}"
    yield StringCommand(fitting_host(wheelhouse))
    yield StringCommand(f"umask 022 && mkdir -p {RELEASES}")
    yield FileUploadCommand(str(directory / wheelhouse.archive), archive)
    yield StringCommand(f"python3 -I {BUILD_SCRIPT} {home} {archive} {wheelhouse.sha256}")


@operation()
def pruned_releases(keep: int) -> Commands:
    """No more than the `keep` newest releases and those in use lie on the host."""
    found = host.get_fact(UnusedReleases, keep=keep)
    if not found:
        host.noop("no release is superfluous")
    for release in found:
        yield StringCommand(f"rm -rf {shlex.quote(f'{RELEASES}/{release}')}")


def fitting_host(wheelhouse: Wheelhouse) -> str:
    """Fails with the reason when the wheels cannot run here."""
    wanted = f"{wheelhouse.python} {wheelhouse.machine}"
    found = "found=$(python3 -c 'import platform, sys; print(\"%d.%d\" % sys.version_info[:2], platform.machine())')"
    message = f"the wheelhouse is for Python {wanted}, this host has"
    return f'{found}; [ "$found" = {shlex.quote(wanted)} ] || {{ echo "{message} $found" >&2; exit 1; }}'
