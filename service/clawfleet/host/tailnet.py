"""This machine's own address in the tailnet, read from its network interfaces."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
from pathlib import Path

TAILNET = ipaddress.ip_network("100.64.0.0/10")
ROUTES = Path("/proc/net/fib_trie")

_LOCAL = re.compile(r"\|-- (\d+\.\d+\.\d+\.\d+)\n\s+/32 host LOCAL")
_INET = re.compile(r"\binet (\d+\.\d+\.\d+\.\d+)\b")


def tailnet_address() -> str | None:
    """The IPv4 address that Tailscale gave this machine, None while it has none."""
    return first_of(_INET.findall(_ifconfig())) if sys.platform == "darwin" else first_of(_LOCAL.findall(_routes()))


def first_of(addresses: list[str]) -> str | None:
    """The first address that lies in the tailnet's range."""
    return next((address for address in addresses if ipaddress.ip_address(address) in TAILNET), None)


def _routes() -> str:
    try:
        return ROUTES.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _ifconfig() -> str:
    try:
        done = subprocess.run(["/sbin/ifconfig"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
