"""The users that gateways run as."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.fleet.instance import GatewayInstance
from operations.users import lingering, service_user


def prepare_users(instances: Sequence[GatewayInstance]) -> None:
    """Each user once; those with user units also outlive their logins."""
    for user in sorted({item.os_user for item in instances}):
        home = next(item.home for item in instances if item.os_user == user)
        service_user(name=f"user {user}", user=user, home=home)
    for user in sorted({item.os_user for item in instances if item.service == "user"}):
        lingering(name=f"user {user}: services without login", user=user)
