"""Whether a peer is on this machine. Only the socket's peer counts, never `Host`. Source: protocol §6, http §3."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TAILSCALE_USER = "tailscale-user-login"
FUNNEL_REQUEST = "tailscale-funnel-request"
_FORWARDING = (
    "forwarded",
    "x-real-ip",
    TAILSCALE_USER,
    FUNNEL_REQUEST,
    "tailscale-headers-info",
    "tailscale-user-name",
    "tailscale-user-profile-pic",
)

Ingress = Literal["serve", "funnel"]
"""The listener that Tailscale's own route leads to, and nobody else's."""


def is_forwarded(headers: Mapping[str, str]) -> bool:
    """Whether a proxy stands between: any forwarding header says so. Header names are lower case."""
    return any(name in headers for name in _FORWARDING) or any(name.startswith("x-forwarded-") for name in headers)


def is_loopback(address: str | None) -> bool:
    """Whether a socket's peer address is this machine's loopback (IPv4, IPv6, or IPv4 inside IPv6)."""
    if not address:
        return False
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def is_own_address(address: str) -> bool:
    """Whether an address is one of this machine's: only then can a socket be bound to it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a request: the socket's address and the request's headers, names in lower case.

    `client` is the address of whom a proxy forwards, once its word was found to count; without one, the socket's.
    `ingress` says that the request came in at the listener of Tailscale's route.
    """

    address: str | None
    headers: Mapping[str, str]
    client: str | None = None
    ingress: Ingress | None = None

    def __post_init__(self) -> None:
        if self.client is None:
            object.__setattr__(self, "client", self.address)

    @property
    def is_forwarded(self) -> bool:
        """Whether a proxy stands between."""
        return self.ingress is not None or is_forwarded(self.headers)

    @property
    def is_local(self) -> bool:
        """Whether the caller sits on this machine with nothing in between."""
        return is_loopback(self.address) and not self.is_forwarded
