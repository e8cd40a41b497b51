"""Who is in: the gateway itself and the clients that show themselves. Source: protocol §10."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

from clawfleet.core.clock import now_ms
from clawfleet.host.machine import lan_address
from clawfleet.protocol.handshake import Client

UNTRACKED_MODES = frozenset({"cli", "backend", "probe"})


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """One participant. `reason` is `self`, `connect` or `disconnect`."""

    text: str
    ts: int
    mode: str
    reason: str
    version: str
    platform: str
    host: str | None = None
    ip: str | None = None
    client_id: str | None = None
    device_id: str | None = None
    device_family: str | None = None
    instance_id: str | None = None
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    online_since: int | None = None


def own_row(version: str, instance_id: str | None = None) -> PresenceRow:
    """The gateway's own row."""
    host, ip, system = socket.gethostname(), lan_address(), os.uname()
    where = f"{host} ({ip})" if ip else host
    return PresenceRow(
        text=f"Gateway: {where} · app {version} · mode gateway · reason self",
        ts=now_ms(),
        mode="gateway",
        reason="self",
        version=version,
        platform=f"{system.sysname.lower()} {system.release}",
        host=host,
        ip=ip,
        device_family={"Darwin": "Mac"}.get(system.sysname, system.sysname),
        instance_id=instance_id,
    )


class Presence:
    """The list of participants; `version` grows with every change, `changed` is called after it."""

    def __init__(self, own: PresenceRow) -> None:
        self._own = own
        self._rows: dict[str, PresenceRow] = {}
        self.version = 1
        self.changed: Callable[[], None] = lambda: None

    def rows(self) -> list[PresenceRow]:
        """Everybody, the gateway first."""
        return [self._own, *self._rows.values()]

    def enter(
        self, conn_id: str, client: Client, *, ip: str | None, scopes: tuple[str, ...], device_id: str | None = None
    ) -> None:
        """A client has connected; command lines, back ends and probes are not listed."""
        if client.mode in UNTRACKED_MODES:
            return
        name, at = client.display_name or client.id, now_ms()
        self._rows[conn_id] = PresenceRow(
            text=f"{name} · {client.version} · mode {client.mode}",
            ts=at,
            mode=client.mode,
            reason="connect",
            version=client.version,
            platform=client.platform,
            host=name,
            ip=ip,
            client_id=client.id,
            device_id=device_id,
            device_family=client.device_family,
            instance_id=client.instance_id,
            roles=("node" if client.mode == "node" else "operator",),
            scopes=scopes,
            online_since=at,
        )
        self._bump()

    def leave(self, conn_id: str) -> None:
        """A client is gone."""
        if self._rows.pop(conn_id, None) is not None:
            self._bump()

    def _bump(self) -> None:
        self.version += 1
        self.changed()
