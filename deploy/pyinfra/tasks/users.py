"""The users that gateways run as."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.fleet.features import Features
from clawfleet.fleet.instance import GatewayInstance
from operations.users import lingering, service_user
from tasks.docker import let_in


def prepare_users(instances: Sequence[GatewayInstance], asked: Features) -> None:
    """Each user once, in its groups; then those with user units outlive their logins."""
    for user in sorted({item.os_user for item in instances}):
        home = next(item.home for item in instances if item.os_user == user)
        service_user(name=f"user {user}", user=user, home=home)
    let_in(asked, instances)
    for user in sorted({item.os_user for item in instances if item.service == "user"}):
        lingering(name=f"user {user}: services without login", user=user)
