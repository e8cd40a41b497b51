"""Runs on a host, as root: the drop-in by which its ssh server takes keys and no passwords. Standard library only."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

from deadman import Change, RefusedError, status

DROP_IN = Path("/etc/ssh/sshd_config.d/60-openclaw.conf")
MAIN = Path("/etc/ssh/sshd_config")
SETTINGS = {
    "PubkeyAuthentication": "yes",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "PermitRootLogin": "prohibit-password",
    "MaxAuthTries": "3",
    "X11Forwarding": "no",
    "AllowTcpForwarding": "yes",
}
"""Tunnels need forwarding; nothing else is opened."""

RELOAD = (
    'pid=$(systemctl show -p MainPID --value "$0"); '
    's() { ls -l "/proc/$pid/fd" 2>/dev/null | grep -o "socket:.*" | sort; }; old=$(s); '
    'systemctl reload "$0" || exit; i=0; count=$(echo "$old" | wc -l); '
    'until new=$(s); [ "$new" != "$old" ] && [ "$(echo "$new" | wc -l)" = "$count" ]; do '
    "i=$((i+1)); [ $i -le 50 ] || exit 0; sleep 0.1; done"
)
"""Ends when the server listens anew: until then it refuses, or lets people in by what it has read before."""

Order = Optional["dict[str, Any]"]


def change(order: Order) -> Change:
    """`sshd -t` before it counts, then a reload and never a restart: open connections stay."""
    reload = [["sh", "-c", RELOAD, service()]]
    if order is None:
        return Change({str(DROP_IN): None}, [["sshd", "-t"]], reload, reload)
    return Change({str(DROP_IN): ("600", text(order))}, [["sshd", "-t"]], reload, reload)


def text(order: dict[str, Any]) -> str:
    """The drop-in."""
    lines = [f"{name} {value}" for name, value in SETTINGS.items()]
    if order["allowUsers"]:
        lines.append(f"AllowUsers {' '.join(order['allowUsers'])}")
    return "\n".join(["# Written by the fleet; see docs/fleet-hosts.md.", *lines, ""])


def holds(order: Order) -> bool:
    """Whether the server heeds the drop-in."""
    return order is None or unheeded(effective()) is None


def check_heeded(order: Order) -> None:
    """Raises RefusedError when another file speaks first: of two words on one setting sshd takes the earlier one."""
    name = None if order is None else unheeded(effective())
    if name is not None:
        raise RefusedError(f"{name} is not heeded: {first_word(name)}; change it there")


def effective() -> dict[str, str]:
    """What the server goes by, in lower case; empty when it does not say."""
    lines = status(["sshd", "-T"])[1].lower().splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def unheeded(found: dict[str, str]) -> str | None:
    """The first setting that is not as the drop-in says."""
    for name, value in SETTINGS.items():
        spellings = {value, "without-password"} if value == "prohibit-password" else {value}
        if found.get(name.lower()) not in spellings:
            return name
    return None


def first_word(name: str) -> str:
    """Which file says something about the setting before the drop-in does."""
    for path in [*sorted(DROP_IN.parent.glob("*.conf")), MAIN]:
        lines = path.read_text(encoding="utf-8").lower().splitlines()
        if path != DROP_IN and any(line.split()[:1] == [name.lower()] for line in lines):
            return f"{path} speaks of it first"
    return f"{MAIN} does not include {DROP_IN.parent}/*.conf"


def refusal(_order: dict[str, Any]) -> str | None:
    """Why this host cannot have it."""
    return None if service() else "there is no ssh server on this host"


def service() -> str:
    """The unit of the ssh server: `ssh` on Debian, `sshd` elsewhere; empty without one."""
    for name in ("ssh.service", "sshd.service"):
        if status(["systemctl", "show", "-p", "LoadState", "--value", name])[1].strip() == "loaded":
            return name
    return ""


def ports() -> list[int]:
    """Where the server listens; empty without one. Raises RefusedError when it cannot be told."""
    if not service():
        return []
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # without it `sshd -T` fails before its first start
    lines = status(["sshd", "-T"])[1].splitlines()
    found = sorted({int(line.split()[1]) for line in lines if line.startswith("port ")})
    if not found:
        raise RefusedError("it cannot be told on which port sshd listens: see sshd -T")
    return found
