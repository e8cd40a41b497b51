"""What a Mac needs before a release can be installed: its login user, and Python."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.fleet.instance import GatewayInstance
from layout import Places
from operations.macs import existing_user, linked_python
from operations.placed import owned_directory


def prepare_mac(instances: Sequence[GatewayInstance], places: Places, python: str) -> None:
    """No package but Python is brought, and no user is made."""
    for user in sorted({item.os_user for item in instances}):
        home = next(item.home for item in instances if item.os_user == user)
        existing_user(name=f"user {user}", user=user, home=home)
    log = f"{places.root}/log"
    owned_directory(name=f"directory {log}", path=log, owner=places.owner, mode="755")
    linked_python(name=f"Python {python}", version=python, link=f"{places.root}/python3")
