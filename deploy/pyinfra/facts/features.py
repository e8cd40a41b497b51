"""What the fleet asks of a host beside its gateways, and how the host is in that respect."""

from __future__ import annotations

import json
import shlex

from pyinfra.api import FactBase

from layout import LINUX

FEATURES_SCRIPT = LINUX.script("features")


class HostFeatures(FactBase[dict[str, str]]):
    """Feature → `as wanted`, `differs` or why the host cannot have it; empty where the scripts do not lie yet.

    A host of which nothing is asked and that has nothing left of an earlier wish is not looked at any closer.
    """

    def command(self, orders: str, asked: bool) -> str:
        script = shlex.quote(FEATURES_SCRIPT)
        look = f"python3 {script} look {shlex.quote(orders)}"
        left = "true" if asked else f"ls {LINUX.made}/feature-* >/dev/null 2>&1"
        return f"if [ -e {script} ] && {left}; then {look}; fi"

    @staticmethod
    def default() -> dict[str, str]:
        return {}

    def process(self, output: list[str]) -> dict[str, str]:
        return dict(json.loads("\n".join(output))) if output else {}
