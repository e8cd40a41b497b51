"""The listener that Tailscale's managed route leads to: what comes in there came from the tailnet, or by Funnel."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from clawfleet.access.locality import Ingress

HOST = "127.0.0.1"
BACKLOG = 512


@dataclass(frozen=True, slots=True)
class TailscaleListener:
    """A listener of its own, on a port that the kernel chose; the ordinary one stays for this machine."""

    mode: Ingress
    port: int
    socket: socket.socket

    @classmethod
    def open(cls, mode: Ingress) -> TailscaleListener:
        """One that listens."""
        made = socket.create_server((HOST, 0), backlog=BACKLOG)
        made.setblocking(False)
        return cls(mode, int(made.getsockname()[1]), made)
