"""Port numbers out of names and texts. Source: config-and-cli §1.1 and §1.2."""

from __future__ import annotations

DEFAULT_PORT = 18789
DEV_PORT = 19001
PORT_STEP = 120
"""Instances keep this distance: a gateway claims ports above its own too."""


def derived_port(profile: str | None) -> int:
    """The port of an instance that names none: 18789, 19001 for `dev`, else a hash of the profile's name."""
    if profile is None:
        return DEFAULT_PORT
    if profile == "dev":
        return DEV_PORT
    return 20_000 + _fnv1a32(profile.encode()) % 40_000


def parse_port(text: str) -> int | None:
    """The port in `18790`, `host:18790` or `[::1]:18790`; None when there is none between 0 and 65535."""
    host, colon, last = text.strip().rpartition(":")
    if not last.isascii() or not last.isdigit() or (colon and ":" in host and not host.endswith("]")):
        return None
    port = int(last)
    return port if port <= 65_535 else None


def _fnv1a32(data: bytes) -> int:
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value
