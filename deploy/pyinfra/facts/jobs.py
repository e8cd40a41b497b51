"""Jobs of launchd that are the recipes' own: timers and tunnels."""

from __future__ import annotations

import shlex

from pyinfra.api import FactBase

from shell import python, script


class OwnJob(FactBase[str]):
    """`loaded` when launchd has the job, `there` when only its property list is, `none` without one."""

    def command(self, label: str) -> str:
        text = shlex.quote(script("own_job"))
        return f"if [ -e {text} ]; then {python()} {text} state {shlex.quote(label)}; fi"

    @staticmethod
    def default() -> str:
        return "none"

    def process(self, output: list[str]) -> str:
        return output[-1] if output else "none"


class OwnJobs(FactBase[list[str]]):
    """The labels of the jobs in a directory that begin with a prefix."""

    def command(self, directory: str, prefix: str) -> str:
        return f"cd {shlex.quote(directory)} 2>/dev/null && ls -d {shlex.quote(prefix)}*.plist 2>/dev/null || true"

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return sorted(line.removesuffix(".plist") for line in output)
