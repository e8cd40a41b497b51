"""What only a Mac needs: Python, and the assurance that its user is there."""

from __future__ import annotations

from pyinfra import host
from pyinfra.api import StringCommand, operation

from facts.macs import LinkedPython, MacUserHome
from mac_python import brewed, linked
from shell import Commands, refuse


@operation()
def linked_python(version: str, link: str) -> Commands:
    """A Python of that version, from Homebrew when there is none, and the link that everything here goes through.

    The stock operation takes the `@` of `python@3.12` for a version and reports a change each time.
    """
    if host.get_fact(LinkedPython, link=link) == version:
        host.noop(f"{link} is Python {version}")
        return
    yield StringCommand(brewed(version), _sudo=False)  # Homebrew refuses to work as root
    yield StringCommand(linked(version, link))


@operation()
def existing_user(user: str, home: str) -> Commands:
    """The login user exists, with that home. Users of a Mac are never made."""
    found = host.get_fact(MacUserHome, user=user)
    if found == home:
        host.noop(f"user {user} exists")
    elif found is None:
        yield refuse(f"there is no user {user} on this Mac, and the recipes make none: set osUser to one who logs in")
    else:
        yield refuse(f"user {user} has its home in {found}, the fleet expects {home}")
