"""Timers of a host."""

from __future__ import annotations

import shlex

from pyinfra.api import FactBase


class TimerState(FactBase[str]):
    """`running` when the timer is enabled and waits, `there` when only its file is, `none` without one."""

    def command(self, timer: str) -> str:
        name = shlex.quote(timer)
        running = f"systemctl is-enabled -q {name} && systemctl is-active -q {name} && echo running"
        return f"if [ -e /etc/systemd/system/{name} ]; then {running} || echo there; else echo none; fi"

    @staticmethod
    def default() -> str:
        return "none"

    def process(self, output: list[str]) -> str:
        return output[-1] if output else "none"
