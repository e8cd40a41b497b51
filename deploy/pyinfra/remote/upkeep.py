"""Runs on a host, as root: the limit of its journal, and security updates that come by themselves.

Standard library only.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Optional

from deadman import Change

JOURNALD = Path("/etc/systemd/journald.conf.d/60-openclaw.conf")
APT = Path("/etc/apt/apt.conf.d/52openclaw")
NEEDRESTART = Path("/etc/needrestart/conf.d/60-openclaw.conf")

APT_TEXT = """// Written by the fleet; see docs/fleet-hosts.md.
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Automatic-Reboot "false";
"""
NEEDRESTART_TEXT = """# Written by the fleet; see docs/fleet-hosts.md. Gateways restart with a deploy.
$nrconf{override_rc}{qr(^openclaw-)} = 0;
$nrconf{override_rc}{qr(^user@\\d+\\.service)} = 0;
"""

Order = Optional["dict[str, Any]"]


def journal(order: Order) -> Change:
    """journald reads its settings when it starts; the streams that it holds open survive that."""
    content = None if order is None else ("644", f"[Journal]\nSystemMaxUse={order['maxUse']}\n")
    restart = [["systemctl", "restart", "systemd-journald.service"]]
    return Change({str(JOURNALD): content}, (), restart, restart)


def updates(order: Order) -> Change:
    """apt must still be able to read its settings; timers of the distribution do the rest."""
    texts = {APT: APT_TEXT, NEEDRESTART: NEEDRESTART_TEXT}
    files = {str(path): None if order is None else ("644", text) for path, text in texts.items()}
    return Change(files, [["apt-config", "dump"]] if shutil.which("apt-config") else [])


def updates_refusal(_order: dict[str, Any]) -> str | None:
    """Why this host cannot have them."""
    return None if shutil.which("apt-get") else "security updates are for hosts with apt; use dnf-automatic here"
