"""`system-presence`: who is connected. Source: protocol §10."""

from __future__ import annotations

from dataclasses import asdict

from clawfleet.access.presence import PresenceRow
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class PresenceEntry(Result):
    """One participant as clients see it."""

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
    roles: list[str] | None = None
    scopes: list[str] | None = None
    online_since: int | None = None

    @classmethod
    def of(cls, row: PresenceRow) -> PresenceEntry:
        """The wire form of `row`; what is empty is left out."""
        return cls.model_validate({name: value for name, value in asdict(row).items() if value})


@method("system-presence", scope="operator.read")
async def presence(call: Call, params: NoParams) -> list[PresenceEntry]:
    """Everybody who is in, the gateway first; a bare array."""
    return [PresenceEntry.of(row) for row in call.gateway.presence.rows()]
