"""The OS users that gateways run as."""

from __future__ import annotations

import shlex

from pyinfra import host
from pyinfra.api import StringCommand, operation

from facts.users import OsUserHome, UserServicesReady
from layout import LINUX
from shell import Commands, refuse

MANAGER_WAIT_S = 20


@operation()
def service_user(user: str, home: str, login: str = "/bin/bash") -> Commands:
    """The user exists, with that home. One that exists is never changed; a locked password is what useradd gives."""
    found = host.get_fact(OsUserHome, user=user)
    if found == home:
        host.noop(f"user {user} exists")
    elif found is None:
        name = shlex.quote(user)
        yield StringCommand(f"useradd --create-home --home-dir {shlex.quote(home)} --user-group --shell {login} {name}")
        yield StringCommand(f"chmod 700 {shlex.quote(home)}")
        yield made(f"user-{user}")
    else:
        yield refuse(f"user {user} has its home in {found}, the fleet expects {home}: choose another osUser")


@operation()
def lingering(user: str) -> Commands:
    """The user's services run from boot on, without a login, and can be reached now."""
    if host.get_fact(UserServicesReady, user=user):
        host.noop(f"services of {user} run without a login")
        return
    name = shlex.quote(user)
    yield StringCommand(f"[ -e /var/lib/systemd/linger/{name} ] || {{ {made(f'linger-{user}')}; }}")
    yield StringCommand(f"loginctl enable-linger {name}")
    yield StringCommand(
        f"uid=$(id -u {name}); i=0; until [ -S /run/user/$uid/bus ]; do i=$((i+1)); "
        f"[ $i -le {MANAGER_WAIT_S * 10} ] || {{ echo 'the service manager of {user} did not come up: "
        "are libpam-systemd and dbus-user-session installed?' >&2; exit 1; }; sleep 0.1; done"
    )


def made(what: str) -> StringCommand:
    """Notes what the recipes brought into being on a host: removing the last gateway removes that, and nothing else."""
    return StringCommand(f"mkdir -p {LINUX.made} && touch {LINUX.made}/{shlex.quote(what)}")
