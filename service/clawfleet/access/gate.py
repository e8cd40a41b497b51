"""Who may come in: one decision for a well-formed `connect`, in the protocol's order. Source: protocol §5–8.

Origin, missing device, proof of the device, credential, pairing. What stands before (frame, protocol, role) is
`protocol.handshake`; what comes after is the server's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from clawfleet.access import refusals
from clawfleet.access.credentials import Credentials, Passed
from clawfleet.access.device_policy import AutoApproval, Circumstances, approved_by, requirement
from clawfleet.access.device_records import Ask, Traits, merged
from clawfleet.access.device_tokens import Issued
from clawfleet.access.devices import Devices
from clawfleet.access.gateway_auth import Denied
from clawfleet.access.locality import Peer
from clawfleet.access.origins import origin_allowed
from clawfleet.access.proxies import capped, identity_scopes
from clawfleet.config.models.gateway import Gateway
from clawfleet.core.clock import now_ms
from clawfleet.protocol.device import Device, check_device, decode_key, encode_key
from clawfleet.protocol.handshake import CONTROL_UI, Connect, Refused

DEVICE_REMOVED = (4001, "device removed")
"""How a socket of a device ends whose token was rotated or revoked, or which was removed (protocol §7)."""

PAGES = frozenset({CONTROL_UI, "openclaw-tui"})
"""Clients that always show a device: they can keep a key."""

OWN_CLIENTS = frozenset({("cli", "cli"), ("gateway-client", "backend")})
"""Client and mode of those that keep their scopes without a device, on this machine."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A client that is in: what it is, what it may do, and by which word it was let in.

    `token` is the device's own, to be told in `hello-ok`.
    """

    role: str
    scopes: tuple[str, ...]
    method: str
    device_id: str | None = None
    token: Issued | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """The decision and what it rests on. `connected` gives the ids of devices that are in."""

    credentials: Credentials
    identity: refusals.Identity
    connected: Callable[[], frozenset[str]]
    clock: Callable[[], int] = now_ms

    async def admit(self, connect: Connect, peer: Peer, nonce: str) -> Admitted | Refused:
        """Who this is and what it may do, or why it is turned away; `nonce` is what this socket was challenged with."""
        verdict = await self._admit(connect, peer, nonce)
        if isinstance(verdict, Refused):
            return refusals.explained(verdict, self.identity, peer.headers.get("origin"))
        return verdict

    async def is_still_in(self, admitted: Admitted) -> bool:
        """Whether the token that a device came in with, if it has one, is still good."""
        return admitted.token is None or await self._devices.bearer(admitted.token.value) is not None

    @property
    def _config(self) -> Gateway:
        return self.credentials.config()

    @property
    def _devices(self) -> Devices:
        return self.credentials.devices

    async def _admit(self, connect: Connect, peer: Peer, nonce: str) -> Admitted | Refused:
        params = connect.params
        if not self._origin_fits(connect, peer):
            return refusals.bad_origin(connect, peer.headers.get("origin"))
        proxy = await self.credentials.vouched(connect, peer)
        if params.device is None:
            return self._without_device(connect, peer, proxy)
        fault = check_device(params.device, params.signer, nonce=nonce, now_ms=self.clock())
        if fault is not None:
            return refusals.bad_proof(connect, fault)
        ask = _ask_of(connect, params.device, peer)
        passed = proxy if isinstance(proxy, Passed) else None
        if passed is None:
            refusal = proxy if isinstance(proxy, Denied) else None
            judged = await self.credentials.of_device(connect, peer, ask, refusal)
            if isinstance(judged, Refused):
                return judged
            passed = judged
        return await self._with_device(connect, peer, ask, passed)

    def _origin_fits(self, connect: Connect, peer: Peer) -> bool:
        origin, settings = peer.headers.get("origin"), self._config.control_ui
        if origin is None:
            return connect.params.client.id != CONTROL_UI
        return origin_allowed(
            origin,
            host=peer.headers.get("host"),
            local=peer.is_local,
            allowed=settings.allowed_origins,
            any_host=settings.dangerously_allow_host_header_origin_fallback,
        )

    def _without_device(self, connect: Connect, peer: Peer, proxy: Passed | Denied | None) -> Admitted | Refused:
        """Only a secret or a trusted proxy lets in who shows no device."""
        params = connect.params
        if params.role != "operator":
            return refusals.identity_required(connect)
        if isinstance(proxy, Passed) and proxy.method == "trusted-proxy":
            scopes = capped(identity_scopes(proxy.user or "", self._config), peer.headers)
            return Admitted("operator", scopes, proxy.method)
        if params.client.id in PAGES:
            return refusals.page_identity_required(connect)
        return self._by_secret_alone(connect, peer)

    def _by_secret_alone(self, connect: Connect, peer: Peer) -> Admitted | Refused:
        """Only our own clients on this machine keep their scopes without a device."""
        params = connect.params
        is_own = peer.is_local and (params.client.id, params.client.mode) in OWN_CLIENTS
        if self.credentials.auth.mode == "none" and is_own and params.client.mode == "backend":
            return Admitted("operator", params.scopes, "none")
        if self.credentials.auth.mode == "none" or not params.auth.is_shared:
            return refusals.identity_required(connect)
        passed = self.credentials.shared(connect, peer)
        if isinstance(passed, Refused):
            return passed
        return Admitted("operator", params.scopes if is_own else (), passed.method)

    async def _with_device(self, connect: Connect, peer: Peer, ask: Ask, passed: Passed) -> Admitted | Refused:
        is_page = connect.params.client.id == CONTROL_UI and ask.role == "operator"
        if is_page and (passed.method == "tailscale" or (passed.method == "none" and peer.is_local)):
            return Admitted(ask.role, ask.scopes, passed.method, ask.device_id)
        known = await self._devices.find(ask.device_id)
        if (reason := requirement(known, ask)) is not None:
            auto = self._auto_approval()
            via = approved_by(reason, ask, Circumstances(peer.is_local, passed.method, peer.client), auto)
            if via is None:
                request = await self._devices.request(ask, is_repair=known is not None)
                return refusals.pairing_required(connect, reason, request, ask=ask, known=known)
            if via == "trusted-proxy":
                ask = _narrowed(ask, auto.proxy_scopes or (), peer)
            await self._devices.approve_at_once(ask, via, self.connected())
        token = await self._devices.enter(ask, passed.method)
        if token is None:
            return Refused(*DEVICE_REMOVED)
        scopes = ask.scopes if ask.role == "operator" else ()
        if passed.user is not None:
            scopes = capped(merged(scopes, identity_scopes(passed.user, self._config)), peer.headers)
        return Admitted(ask.role, scopes, passed.method, ask.device_id, token)

    def _auto_approval(self) -> AutoApproval:
        pairing, proxy = self._config.nodes.pairing, self._config.auth.trusted_proxy
        enrols = proxy is not None and proxy.device_auto_approve.enabled
        return AutoApproval(
            local=pairing.auto_approve_local,
            cidrs=pairing.auto_approve_cidrs,
            proxy_scopes=proxy.device_auto_approve.scopes if proxy is not None and enrols else None,
        )


def _ask_of(connect: Connect, device: Device, peer: Peer) -> Ask:
    params = connect.params
    traits = Traits(
        public_key=encode_key(decode_key(device.public_key) or b""),
        platform=params.client.platform,
        device_family=params.client.device_family,
        client_id=params.client.id,
        client_mode=params.client.mode,
        display_name=params.client.display_name,
        remote_ip=None if peer.is_local else peer.client,
    )
    return Ask(device.id, params.role, params.scopes, traits)


def _narrowed(ask: Ask, most: tuple[str, ...], peer: Peer) -> Ask:
    """What a proxy's user may enrol of what is asked for; all of it where nothing in particular is."""
    scopes = tuple(scope for scope in ask.scopes if scope in most) if ask.scopes else most
    return replace(ask, scopes=capped(scopes, peer.headers))
