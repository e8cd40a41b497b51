"""Which distribution a host runs, by its own word, and which packages it lacks."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api import FactBase

LIKE = {"debian": "debian", "ubuntu": "debian", "fedora": "fedora", "rhel": "fedora", "centos": "fedora"}


@dataclass(frozen=True, slots=True)
class Os:
    """`family` decides the packager: `debian` (apt), `fedora` (dnf), or empty for one that is not known."""

    family: str
    name: str


class Distribution(FactBase[Os]):
    """What /etc/os-release says."""

    def command(self) -> str:
        return "cat /etc/os-release /usr/lib/os-release 2>/dev/null || true"

    @staticmethod
    def default() -> Os:
        return Os("", "an unknown system")

    def process(self, output: list[str]) -> Os:
        pairs = (line.split("=", 1) for line in reversed(output) if "=" in line)
        said = {name: " ".join(shlex.split(value)) for name, value in pairs}
        ids = [said.get("ID", ""), *said.get("ID_LIKE", "").split()]
        family = next((LIKE[each] for each in ids if each in LIKE), "")
        return Os(family, said.get("PRETTY_NAME") or said.get("ID") or "an unknown system")


class MissingPackages(FactBase[list[str]]):
    """Those of `packages` that are not installed."""

    def command(self, family: str, packages: Sequence[str]) -> str:
        installed = {
            "debian": "dpkg-query -W -f '${db:Status-Status}' \"$p\" 2>/dev/null | grep -qx installed",
            "fedora": 'rpm -q --quiet --whatprovides "$p" 2>/dev/null',
        }[family]
        return f'for p in {shlex.join(packages)}; do {installed} || echo "$p"; done'

    @staticmethod
    def default() -> list[str]:
        return []

    def process(self, output: list[str]) -> list[str]:
        return [line for line in output if line]


class HasCommand(FactBase[bool]):
    """Whether root finds a command of that name."""

    def command(self, command: str) -> str:
        return f"PATH=$PATH:/usr/sbin:/sbin command -v {shlex.quote(command)} >/dev/null && echo yes || true"

    @staticmethod
    def default() -> bool:
        return False

    def process(self, output: list[str]) -> bool:
        return output == ["yes"]
