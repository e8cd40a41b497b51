"""Releases on a host."""

from __future__ import annotations

import shlex

from pyinfra.api import FactBase


class ReleaseComplete(FactBase[bool]):
    """Whether a release was installed to its end."""

    def command(self, home: str) -> str:
        return f"[ -e {shlex.quote(f'{home}/.complete')} ] && echo yes || true"

    @staticmethod
    def default() -> bool:
        return False

    def process(self, output: list[str]) -> bool:
        return output == ["yes"]


class UnusedReleases(FactBase[list[str]]):
    """Releases that no gateway and no command runs, oldest last, without the `keep` newest of all."""

    def command(self, root: str, command: str, keep: int) -> str:
        used = f"used=$(readlink {root}/instances/*/current {command} | sed 's|$|/|')"
        unless_used = 'case "$used" in *"/$r/"*) ;; *) echo "$r" ;; esac'
        older = f"ls -1t {root}/releases 2>/dev/null | tail -n +{keep + 1}"
        return f"{used}; {older} | while read -r r; do {unless_used}; done"

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return output
