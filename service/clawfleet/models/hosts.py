"""How near a provider's host is (which decides on keys and patience), and how its URL may be shown. Pure.

Source: models-and-auth §6.2 (idle limits) and §7.1 (keyless hosts).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Nearness = Literal["loopback", "lan", "remote"]


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


def public_url(url: str) -> str:
    """`url` as it may be shown: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not a URL)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
