"""Docker on a host: whether it runs, who may use it, and what it has of the sandbox image."""

from __future__ import annotations

import json
import shlex
from typing import Any

from pyinfra.api import FactBase

from layout import LINUX

IMAGES_SCRIPT = LINUX.script("sandbox_images")


class DockerState(FactBase[str]):
    """`running`, `stopped` when only its command is there, `none` without it."""

    def command(self) -> str:
        return (
            "if ! command -v docker >/dev/null; then echo none; "
            "elif docker version >/dev/null 2>&1; then echo running; else echo stopped; fi"
        )

    @staticmethod
    def default() -> str:
        return "none"

    def process(self, output: list[str]) -> str:
        return output[-1] if output else "none"


class GroupState(FactBase[str]):
    """How a user and its service manager stand to a group: `out`, `late` (granted after the manager began), `in`.

    A user without a service manager that runs is `in` as soon as the group has it.
    """

    def command(self, user: str, group: str) -> str:
        name = shlex.quote(user)
        member = f"id -nG {name} 2>/dev/null | grep -qw {shlex.quote(group)}"
        pid = f'$(systemctl show -p MainPID --value "user@$(id -u {name}).service" 2>/dev/null)'
        gid = f"$(getent group {shlex.quote(group)} | cut -d: -f3)"
        has = 'grep "^Groups:" "/proc/$pid/status" | grep -qw "$gid"'
        return (
            f"if ! {member}; then echo out; else pid={pid}; gid={gid}; "
            f'if [ -z "$pid" ] || [ "$pid" = 0 ] || {has}; then echo in; else echo late; fi; fi'
        )

    @staticmethod
    def default() -> str:
        return "out"

    def process(self, output: list[str]) -> str:
        return output[-1] if output else "out"


class SandboxImages(FactBase[dict[str, Any] | None]):
    """What remote/sandbox_images.py tells: ids by tag, old tags, gateways with idle containers of an older image.

    `step` only tells one look from another in a run that changes what is looked at.
    """

    def command(self, order: str, step: str) -> str:
        look = f"python3 {IMAGES_SCRIPT} look {shlex.quote(order)}"
        return f": {step}; if [ -e {IMAGES_SCRIPT} ] && command -v docker >/dev/null; then {look}; fi"

    def process(self, output: list[str]) -> dict[str, Any] | None:
        return dict(json.loads("\n".join(output))) if output else None
