"""What a unit keeps its gateway from: the lines of a systemd unit for one hardening level. Pure.

Every line was seen to leave a gateway working: SQLite, terminals, subprocesses and, by the user's own group, the Docker
socket. What a user's own manager ignores or refuses is for units of the system only. `MemoryDenyWriteExecute` is not
among them: Node, which many MCP servers need, cannot live with it. Source: deploy §14.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Hardening = Literal["none", "basic", "strict"]
LEVELS: tuple[Hardening, ...] = ("none", "basic", "strict")

_BASIC = """
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
"""
_BASIC_OF_THE_SYSTEM = """
ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
"""
_STRICT = """
RestrictNamespaces=yes
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""
_STRICT_OF_THE_SYSTEM = """
ProtectSystem=strict
ProtectHome=read-only
ProtectProc=invisible
PrivateTmp=yes
PrivateDevices=yes
CapabilityBoundingSet=
KeyringMode=private
RemoveIPC=yes
"""


def hardening_lines(level: Hardening, scope: Literal["user", "system"], writable: Iterable[str]) -> list[str]:
    """The lines of `level`. `writable`: the places, as systemd reads them, that a strict unit may write to."""
    if level == "none":
        return []
    lines = _lines(_BASIC)
    if scope == "system":
        lines += _lines(_BASIC_OF_THE_SYSTEM)
    if level == "strict":
        lines += _lines(_STRICT)
        if scope == "system":
            lines = [line for line in lines if not line.startswith("ProtectSystem=")]
            lines += [*_lines(_STRICT_OF_THE_SYSTEM), f"ReadWritePaths={' '.join(writable)}"]
    return lines


def hardening_of(settings: Iterable[str]) -> Hardening:
    """The level of a unit in whose `[Service]` section these names stand."""
    names = frozenset(settings)
    if "RestrictNamespaces" in names:
        return "strict"
    return "basic" if "NoNewPrivileges" in names else "none"


def _lines(text: str) -> list[str]:
    return text.split("\n")[1:-1]
