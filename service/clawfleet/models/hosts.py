"""How near a provider's host is (which decides on keys and patience), and how its URL may be shown. Pure.

Source: models-and-auth §6.2 (idle limits) and §7.1 (keyless hosts).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Nearness = Literal["loopback", "lan", "remote"]

_CREDENTIAL_HOSTS = frozenset(
    ("metadata.google.internal", "metadata.goog", "instance-data", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
"""Where clouds hand credentials to the machines in them, beside the link-local addresses."""


def host_of(base_url: str) -> str:
    """The host of a URL in lower case, without port; empty when there is none."""
    try:
        return (urlsplit(base_url).hostname or "").rstrip(".")
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def nearness(base_url: str) -> Nearness:
    """`loopback` is this machine, `lan` a private address, a bare name or `.local`; all else is `remote`."""
    host = host_of(base_url)
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    try:
        address = ip_address(host)
    except ValueError:
        return "lan" if host and ("." not in host or host.endswith(".local")) else "remote"
    if address.is_loopback:
        return "loopback"
    return "lan" if address.is_private else "remote"


def refusal_of(host: str, private: bool | None) -> str | None:
    """Why a host name or address may not be reached; None when it may. `private` is as in `Route`."""
    if private is True:
        return None
    address = _address(host)
    if host in _CREDENTIAL_HOSTS or (address is not None and address.is_link_local):
        return "it is where clouds keep machine credentials; request.allowPrivateNetwork: true allows it"
    is_private = host == "localhost" if address is None else address.is_private or address.is_loopback
    if private is False and is_private:
        return "it is on this machine or a private network, and request.allowPrivateNetwork is false"
    return None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def public_url(url: str) -> str:
    """`url` as it may be shown: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not a URL)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
