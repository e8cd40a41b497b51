"""The sandbox containers of a gateway, as Docker's own command tells of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.support.gateway import GatewayProcess


def containers_of(running: GatewayProcess) -> list[str]:
    """Sandbox containers that mount something of this gateway's state directory."""
    listed = _docker("ps", "-aq", "--filter", "label=openclaw.sandbox=1").split()
    rows: list[Mapping[str, Any]] = json.loads(_docker("inspect", *listed) or "[]")
    mine = str(running.state_dir)
    return [row["Id"] for row in rows if any(mount["Source"].startswith(mine) for mount in row["Mounts"])]


def processes_of(running: GatewayProcess) -> str:
    """Command lines in this gateway's containers."""
    return "".join(_docker("top", name, "-eo", "pid,args") for name in containers_of(running))


def remove_containers_of(running: GatewayProcess) -> None:
    """None of them is left."""
    if names := containers_of(running):
        _docker("rm", "-f", "-v", *names)


def _docker(*arguments: str) -> str:
    """What the command prints; nothing of what another test took away meanwhile."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False).stdout
