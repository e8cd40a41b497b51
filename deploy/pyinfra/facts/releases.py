"""Releases on a host."""

from __future__ import annotations

import shlex

from pyinfra.api import FactBase

from layout import COMMAND, RELEASES, ROOT


class ReleaseComplete(FactBase[bool]):
    """Whether a release was installed to its end."""

    def command(self, release: str) -> str:
        return f"[ -e {shlex.quote(f'{RELEASES}/{release}/.complete')} ] && echo yes || true"

    @staticmethod
    def default() -> bool:
        return False

    def process(self, output: list[str]) -> bool:
        return output == ["yes"]


class UnusedReleases(FactBase[list[str]]):
    """Releases that no gateway and no command runs, oldest last, without the `keep` newest of all."""

    def command(self, keep: int) -> str:
        used = f"used=$(readlink {ROOT}/instances/*/current {COMMAND} | sed 's|$|/|')"
        unless_used = 'case "$used" in *"/$r/"*) ;; *) echo "$r" ;; esac'
        return f"{used}; ls -1t {RELEASES} 2>/dev/null | tail -n +{keep + 1} | while read -r r; do {unless_used}; done"

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return output
