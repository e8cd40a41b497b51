"""OS users and whether their services run while they are not logged in."""

from __future__ import annotations

import shlex

from pyinfra.api import FactBase


class OsUserHome(FactBase[str | None]):
    """Home directory of a user; None when there is no such user."""

    def command(self, user: str) -> str:
        return f"getent passwd {shlex.quote(user)} || true"

    def process(self, output: list[str]) -> str | None:
        fields = output[0].split(":") if output else []
        return fields[5] if len(fields) > 5 else None


class UserServicesReady(FactBase[bool]):
    """Whether the user lingers and its service manager can be reached."""

    def command(self, user: str) -> str:
        name = shlex.quote(user)
        bus = f'[ -S "/run/user/$(id -u {name})/bus" ]'
        return f"[ -e /var/lib/systemd/linger/{name} ] && {bus} && echo yes || true"

    @staticmethod
    def default() -> bool:
        return False

    def process(self, output: list[str]) -> bool:
        return output == ["yes"]
