"""Whether a device at the door needs an approval, and whether anybody need be asked for it. Pure.

Source: protocol §8.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clawfleet.access.device_records import ApprovedVia, Ask, PairedDevice, covers
from clawfleet.protocol.device import metadata

Reason = Literal["not-paired", "role-upgrade", "scope-upgrade", "metadata-upgrade"]

REQUIREMENTS: dict[Reason, tuple[str, str]] = {
    "not-paired": (
        "device is not approved yet",
        "Approve this device from the pending pairing requests.",
    ),
    "role-upgrade": (
        "device is asking for a higher role than currently approved",
        "Review the requested role upgrade, then approve the pending request.",
    ),
    "scope-upgrade": (
        "device is asking for more scopes than currently approved",
        "Review the requested scopes, then approve the pending upgrade.",
    ),
    "metadata-upgrade": (
        "device identity changed and must be re-approved",
        "Review the refreshed device details, then approve the pending request.",
    ),
}
"""The requirement as clients know it, and what its owner can do, by reason."""

PROXY_UI_MODES = frozenset({"webchat", "ui"})
"""Modes of the clients that a trusted proxy's user may enrol without being asked."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a device came to the door: over which way, and what let it through it."""

    is_local: bool
    method: str
    address: str | None


@dataclass(frozen=True, slots=True)
class AutoApproval:
    """What the config approves by itself. `proxy_scopes` is None where a proxy's users enrol nothing."""

    local: bool = True
    cidrs: tuple[str, ...] = ()
    proxy_scopes: tuple[str, ...] | None = None


def requirement(known: PairedDevice | None, ask: Ask) -> Reason | None:
    """What stands between the device and what it asks for; None when it was approved already."""
    if known is None:
        return "not-paired"
    pinned, shown = known.traits, ask.traits
    for before, now in ((pinned.platform, shown.platform), (pinned.device_family, shown.device_family)):
        if metadata(before) and metadata(before) != metadata(now):
            return "metadata-upgrade"
    if ask.role not in known.roles:
        return "role-upgrade"
    if not covers(known.scopes, ask.scopes):
        return "scope-upgrade"
    return None


def approved_by(reason: Reason, ask: Ask, how: Circumstances, auto: AutoApproval) -> ApprovedVia | None:
    """What approves the device without asking anybody, or None. A changed identity is always asked for."""
    if reason == "metadata-upgrade":
        return None
    if how.is_local and auto.local and (reason != "scope-upgrade" or how.method in ("token", "password", "none")):
        return "silent"
    is_bare_node = ask.role == "node" and reason == "not-paired" and not ask.scopes
    if is_bare_node and in_networks(how.address, auto.cidrs):
        return "trusted-cidr"
    is_proxy_user = how.method == "trusted-proxy" and ask.traits.client_mode in PROXY_UI_MODES
    if auto.proxy_scopes is not None and is_proxy_user and ask.role == "operator" and reason != "role-upgrade":
        return "trusted-proxy"
    return None


def in_networks(address: str | None, networks: Sequence[str]) -> bool:
    """Whether an address is one of, or lies in one of `networks`; what is no address or network never matches."""
    ip = as_ip(address)
    return ip is not None and any(_contains(network, ip) for network in networks)


def as_ip(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, IPv4 in IPv6 as IPv4; None when it is none."""
    try:
        ip = ipaddress.ip_address((text or "").strip())
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


def _contains(network: str, ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        found = ipaddress.ip_network(network.strip(), strict=False)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Network) and found.network_address.ipv4_mapped and found.prefixlen >= 96:
        plain = f"{found.network_address.ipv4_mapped}/{found.prefixlen - 96}"
        return ip in ipaddress.ip_network(plain, strict=False)
    return ip in found
