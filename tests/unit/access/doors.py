"""A gate to stand before: a real store in a temp directory, peers of every kind, clients of every kind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawfleet.access.credentials import Credentials
from clawfleet.access.devices import DeviceNews, Devices
from clawfleet.access.failures import Failures
from clawfleet.access.gate import Admitted, Gate
from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.locality import Ingress, Peer
from clawfleet.access.proxies import attribute
from clawfleet.access.refusals import Identity
from clawfleet.config.models.gateway import Gateway
from clawfleet.protocol.handshake import Connect, Refused, read_connect
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.support.device import DeviceKey

TOKEN, NONCE = "gate-token", "nonce-of-this-socket"
LOCAL, REMOTE = "127.0.0.1", "198.51.100.7"
HERE = Identity("instance-1", 18789, 4711, ".openclaw")
CLIENTS: Mapping[str, dict[str, Any]] = {
    "cli": {"id": "cli", "mode": "cli", "platform": "linux", "deviceFamily": "Linux"},
    "backend": {"id": "gateway-client", "mode": "backend", "platform": "linux", "deviceFamily": "Linux"},
    "probe": {"id": "openclaw-probe", "mode": "probe", "platform": "linux"},
    "tui": {"id": "openclaw-tui", "mode": "ui", "platform": "linux"},
    "page": {"id": "openclaw-control-ui", "mode": "webchat", "platform": "web"},
    "node": {"id": "node-host", "mode": "node", "platform": "linux", "deviceFamily": "Linux"},
    "mac": {"id": "openclaw-macos", "mode": "ui", "platform": "macos 15.1", "deviceFamily": "Mac"},
}
ADMIN, READ, WRITE = "operator.admin", "operator.read", "operator.write"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_795_000_000_000

    def __call__(self) -> int:
        return self.now


@dataclass
class Doorway:
    """A gate and everything behind it. `news` is what was told of devices, `here` who is connected."""

    gate: Gate
    devices: Devices
    failures: Failures
    auth: GatewayAuth
    clock: Clock
    news: list[DeviceNews] = field(default_factory=list)
    here: set[str] = field(default_factory=set)
    logins: dict[str, str] = field(default_factory=dict)
    config: Gateway = field(default_factory=Gateway)

    async def knock(
        self,
        client: str = "cli",
        *,
        key: DeviceKey | None = None,
        shown: Mapping[str, Any] | None = None,
        scopes: tuple[str, ...] = (READ,),
        address: str = LOCAL,
        headers: Mapping[str, str] | None = None,
        device: Mapping[str, Any] | None = None,
        ingress: Ingress | None = None,
        **over: Any,
    ) -> Admitted | Refused:
        """The gate's word on a client; it shows the token unless `shown` says what else."""
        asked = connect(client, shown, scopes, over)
        if key is not None:
            signed = key.sign(asked, NONCE, signed_at=self.clock.now) | dict(device or {})
            asked["device"] = signed
        read = read_connect(json.dumps({"type": "req", "id": "1", "method": "connect", "params": asked}))
        assert isinstance(read, Connect), read
        shown_by = Peer(address, {"host": "127.0.0.1:18789", **(headers or {})}, ingress=ingress)
        peer = attribute(shown_by, self.config)
        assert peer is not None, "turned away before the upgrade"
        return await self.gate.admit(read, peer, NONCE)

    async def enters(self, client: str = "cli", **how: Any) -> Admitted:
        """Knock, and come in."""
        verdict = await self.knock(client, **how)
        assert isinstance(verdict, Admitted), verdict
        return verdict

    async def refused(self, client: str = "cli", **how: Any) -> Refused:
        """Knock, and be turned away."""
        verdict = await self.knock(client, **how)
        assert isinstance(verdict, Refused), verdict
        return verdict

    async def token_of(self, key: DeviceKey, client: str = "cli", **how: Any) -> str:
        """The device token that a device is told when it comes in."""
        admitted = await self.enters(client, key=key, **how)
        assert admitted.token is not None
        return admitted.token.value


def connect(
    client: str, shown: Mapping[str, Any] | None, scopes: tuple[str, ...], over: Mapping[str, Any]
) -> dict[str, Any]:
    """Parameters of `connect`."""
    return {
        "minProtocol": 4,
        "maxProtocol": 4,
        "client": {"version": "1", **CLIENTS[client], **over.get("more", {})},
        "role": "node" if client == "node" else "operator",
        "scopes": list(scopes),
        "auth": {"token": TOKEN} if shown is None else dict(shown),
        **{name: value for name, value in over.items() if name != "more"},
    }


@asynccontextmanager
async def doorway(
    home: Path, config: Mapping[str, Any] | None = None, auth: GatewayAuth | None = None
) -> AsyncIterator[Doorway]:
    """A gate over a fresh store at `home`; `config` is the section `gateway`."""
    clock, known = Clock(), auth or GatewayAuth("token", TOKEN, "config")
    section = Gateway.model_validate(config or {})
    db = await Database.open(home / "gateway.sqlite", MIGRATIONS)
    devices, failures = Devices(db, home, clock), Failures(lambda: section.auth.rate_limit, clock)
    logins: dict[str, str] = {}
    here: set[str] = set()

    async def whois(address: str) -> str | None:
        return logins.get(address)

    credentials = Credentials(known, devices, failures, lambda: section, whois)
    gate = Gate(credentials, HERE, lambda: frozenset(here), clock)
    made = Doorway(gate, devices, failures, known, clock, here=here, logins=logins, config=section)
    devices.heard = made.news.append
    try:
        yield made
    finally:
        await db.close()
