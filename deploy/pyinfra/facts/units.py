"""Units of a host that are the recipes' own: timers and tunnels."""

from __future__ import annotations

import shlex

from pyinfra.api import FactBase


class OwnUnit(FactBase[str]):
    """`running` when the system unit is enabled and active, `there` when only its file is, `none` without one."""

    def command(self, unit: str) -> str:
        name = shlex.quote(unit)
        running = f"systemctl is-enabled -q {name} && systemctl is-active -q {name} && echo running"
        return f"if [ -e /etc/systemd/system/{name} ]; then {{ {running}; }} || echo there; else echo none; fi"

    @staticmethod
    def default() -> str:
        return "none"

    def process(self, output: list[str]) -> str:
        return output[-1] if output else "none"


class OwnUnits(FactBase[list[str]]):
    """The names of the system units that begin with a prefix."""

    def command(self, prefix: str) -> str:
        return f"cd /etc/systemd/system && ls -d {shlex.quote(prefix)}* 2>/dev/null || true"

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return sorted(output)
