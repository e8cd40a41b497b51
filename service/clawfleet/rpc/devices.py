"""`device.*`: who asks to come in with which key, letting them in, and their tokens. Source: protocol §8.

A device that is no administrator sees and manages itself only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Literal

from pydantic import Field

from clawfleet.access.device_records import PairedDevice, PairRequest, TokenInfo
from clawfleet.access.devices import ApprovalDenied, DeviceNews, TokenDenied, UnknownDevice, UnknownRequest
from clawfleet.access.gate import DEVICE_REMOVED
from clawfleet.access.identity import own_identity
from clawfleet.protocol.scopes import ADMIN
from clawfleet.rpc.call import Call
from clawfleet.rpc.clients import Caller, Clients
from clawfleet.rpc.registry import NoParams, Params, Result, method, to_wire


class RequestParams(Params):
    """Which request."""

    request_id: str = Field(min_length=1)


class DeviceParams(Params):
    """Which device."""

    device_id: str = Field(min_length=1)


class RenameParams(DeviceParams):
    """Which device, and the name that its owner gives it."""

    label: str = Field(min_length=1, max_length=64)


class TokenParams(DeviceParams):
    """Which device's token, for which role."""

    role: str = Field(min_length=1)


class RotateParams(TokenParams):
    """Which token, and the scopes of the new one; without any, those of the old one."""

    scopes: list[str] | None = None


class PendingRow(Result):
    """A device that waits."""

    request_id: str
    device_id: str
    public_key: str
    display_name: str | None = None
    platform: str
    device_family: str | None = None
    client_id: str
    client_mode: str
    role: str
    roles: list[str]
    scopes: list[str]
    remote_ip: str | None = None
    silent: bool = False
    is_repair: bool
    ts: int

    @classmethod
    def of(cls, request: PairRequest) -> PendingRow:
        """The row of a request."""
        shown = request.traits
        return cls(
            request_id=request.request_id,
            device_id=request.device_id,
            public_key=shown.public_key,
            display_name=shown.display_name,
            platform=shown.platform,
            device_family=shown.device_family,
            client_id=shown.client_id,
            client_mode=shown.client_mode,
            role=request.role,
            roles=list(request.roles),
            scopes=list(request.scopes),
            remote_ip=shown.remote_ip,
            is_repair=request.is_repair,
            ts=request.at_ms,
        )


class TokenRow(Result):
    """A device's token, without its value."""

    role: str
    scopes: list[str]
    created_at_ms: int
    rotated_at_ms: int | None = None
    revoked_at_ms: int | None = None
    last_used_at_ms: int | None = None

    @classmethod
    def of(cls, token: TokenInfo) -> TokenRow:
        """The row of a token."""
        return cls(
            role=token.role,
            scopes=list(token.scopes),
            created_at_ms=token.created_at_ms,
            rotated_at_ms=token.rotated_at_ms,
            revoked_at_ms=token.revoked_at_ms,
            last_used_at_ms=token.last_used_at_ms,
        )


class PairedRow(Result):
    """An approved device. `connected` is only told in lists."""

    device_id: str
    public_key: str
    display_name: str | None = None
    operator_label: str | None = None
    platform: str
    device_family: str | None = None
    client_id: str
    client_mode: str
    role: str
    roles: list[str]
    scopes: list[str]
    remote_ip: str | None = None
    approved_via: str
    created_at_ms: int
    approved_at_ms: int
    last_seen_at_ms: int | None = None
    last_seen_reason: str | None = None
    connected: bool | None = None
    tokens: list[TokenRow]

    @classmethod
    def of(cls, device: PairedDevice, connected: bool | None = None) -> PairedRow:
        """The row of a device."""
        shown = device.traits
        return cls(
            device_id=device.device_id,
            public_key=shown.public_key,
            display_name=shown.display_name,
            operator_label=device.label,
            platform=shown.platform,
            device_family=shown.device_family,
            client_id=shown.client_id,
            client_mode=shown.client_mode,
            role=device.roles[0],
            roles=list(device.roles),
            scopes=list(device.scopes),
            remote_ip=shown.remote_ip,
            approved_via=device.approved_via,
            created_at_ms=device.created_at_ms,
            approved_at_ms=device.approved_at_ms,
            last_seen_at_ms=device.last_seen_at_ms,
            last_seen_reason=None if device.last_seen_at_ms is None else "connect",
            connected=connected,
            tokens=[TokenRow.of(token) for token in device.tokens],
        )


class PairList(Result):
    """The answer of `device.pair.list`."""

    pending: list[PendingRow]
    paired: list[PairedRow]


class Approved(Result):
    """The answer of `device.pair.approve`."""

    request_id: str
    device: PairedRow


class Rejected(Result):
    """The answer of `device.pair.reject`."""

    request_id: str
    device_id: str


class Removed(Result):
    """The answer of `device.pair.remove`."""

    device_id: str


class Renamed(Result):
    """The answer of `device.pair.rename`."""

    device_id: str
    label: str


class Rotated(Result):
    """The answer of `device.token.rotate`; the value is told to the device itself only."""

    device_id: str
    role: str
    token: str | None = Field(default=None, repr=False)
    scopes: list[str]
    rotated_at_ms: int
    token_delivery: Literal["in-band", "withheld-cross-device"]


class Revoked(Result):
    """The answer of `device.token.revoke`."""

    device_id: str
    role: str
    revoked_at_ms: int


class GatewayIdentity(Result):
    """The answer of `gateway.identity.get`."""

    device_id: str
    public_key: str


def announce(clients: Clients, news: DeviceNews) -> None:
    """Tell those who manage devices what changed."""
    if news.requested is not None:
        clients.tell("device.pair.requested", to_wire(PendingRow.of(news.requested)))
    elif news.resolved is not None:
        settled = news.resolved
        payload = {"requestId": settled.request_id, "deviceId": settled.device_id, "decision": news.decision}
        clients.tell("device.pair.resolved", {**payload, "ts": news.at_ms})
    else:
        clients.tell("device.pair.changed", {})


@method("device.pair.list", scope="operator.pairing")
async def pair_list(call: Call, params: NoParams) -> PairList:
    """Who waits and who is approved, the newest first."""
    devices, own = call.gateway.devices, _only(call.caller)
    here = {caller.device_id for caller in call.gateway.clients.callers()}
    return PairList(
        pending=[PendingRow.of(row) for row in await devices.pending() if own in (None, row.device_id)],
        paired=[
            PairedRow.of(row, connected=row.device_id in here)
            for row in await devices.paired()
            if own in (None, row.device_id)
        ],
    )


@method("device.pair.approve", scope="operator.pairing", limited=True)
async def pair_approve(call: Call, params: RequestParams) -> Approved:
    """Let a waiting device in, within the caller's own scopes."""
    request = await call.gateway.devices.request_of(params.request_id)
    if _only(call.caller) not in (None, request.device_id):
        raise ApprovalDenied
    device = await call.gateway.devices.approve(params.request_id, within=call.caller.scopes)
    return Approved(request_id=params.request_id, device=PairedRow.of(device))


@method("device.pair.reject", scope="operator.pairing", limited=True)
async def pair_reject(call: Call, params: RequestParams) -> Rejected:
    """Turn a waiting device away."""
    request = await call.gateway.devices.request_of(params.request_id)
    if _only(call.caller) not in (None, request.device_id):
        raise UnknownRequest
    await call.gateway.devices.reject(params.request_id)
    return Rejected(request_id=request.request_id, device_id=request.device_id)


@method("device.pair.remove", scope="operator.pairing", limited=True)
async def pair_remove(call: Call, params: DeviceParams) -> Removed:
    """Forget an approved device; its sockets are closed."""
    if _only(call.caller) not in (None, params.device_id):
        raise UnknownDevice
    await call.gateway.devices.remove(params.device_id)
    _hang_up(call, params.device_id)
    return Removed(device_id=params.device_id)


@method("device.pair.rename", scope="operator.pairing", limited=True)
async def pair_rename(call: Call, params: RenameParams) -> Renamed:
    """Name a device."""
    label = params.label.strip()
    if _only(call.caller) not in (None, params.device_id):
        raise UnknownDevice
    await call.gateway.devices.rename(params.device_id, label)
    return Renamed(device_id=params.device_id, label=label)


@method("device.token.rotate", scope="operator.pairing", limited=True)
async def token_rotate(call: Call, params: RotateParams) -> Rotated:
    """Replace a device's token; its sockets for that role are closed."""
    if _only(call.caller) not in (None, params.device_id):
        raise TokenDenied("rotation")
    devices, role = call.gateway.devices, params.role
    issued = await devices.rotate(params.device_id, role, scopes=params.scopes, within=call.caller.scopes)
    is_own = call.caller.device_id == params.device_id and call.caller.auth_method == "device-token"
    _hang_up(call, params.device_id, {role})
    return Rotated(
        device_id=params.device_id,
        role=params.role,
        token=issued.value if is_own else None,
        scopes=list(issued.scopes),
        rotated_at_ms=issued.issued_at_ms,
        token_delivery="in-band" if is_own else "withheld-cross-device",
    )


@method("device.token.revoke", scope="operator.pairing", limited=True)
async def token_revoke(call: Call, params: TokenParams) -> Revoked:
    """Make a device's token useless; its sockets for that role are closed."""
    if _only(call.caller) not in (None, params.device_id):
        raise TokenDenied("revocation")
    at_ms = await call.gateway.devices.revoke(params.device_id, params.role, within=call.caller.scopes)
    _hang_up(call, params.device_id, {params.role})
    return Revoked(device_id=params.device_id, role=params.role, revoked_at_ms=at_ms)


@method("gateway.identity.get", scope="operator.read")
async def identity_get(call: Call, params: NoParams) -> GatewayIdentity:
    """The gateway's own public key."""
    own = await asyncio.to_thread(own_identity, call.gateway.instance.store_dir)
    return GatewayIdentity(device_id=own.device_id, public_key=own.public_key)


def _only(caller: Caller) -> str | None:
    """The one device that the caller may see and manage; None when it may all."""
    return None if ADMIN in caller.scopes else caller.device_id


def _hang_up(call: Call, device_id: str, roles: Collection[str] | None = None) -> None:
    def is_meant(caller: Caller) -> bool:
        return caller.device_id == device_id and (roles is None or caller.role in roles)

    # Soon, not now: the caller's own answer must be queued before its socket closes.
    asyncio.get_running_loop().call_soon(call.gateway.clients.hang_up, is_meant, *DEVICE_REMOVED)
