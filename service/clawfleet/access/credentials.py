"""What a client shows to be let in, judged in the protocol's order, with guesses counted. Source: protocol §6.

A proxy's or Tailscale's word first, then the shared secret, then the token of the device.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from clawfleet.access.device_records import Ask
from clawfleet.access.devices import Devices
from clawfleet.access.failures import CredentialClass, Failures
from clawfleet.access.gateway_auth import (
    Denied,
    GatewayAuth,
    bootstrap_invalid,
    device_token_mismatch,
    rate_limited,
    scope_mismatch,
    unauthorized,
)
from clawfleet.access.locality import TAILSCALE_USER, Peer, is_own_address
from clawfleet.access.proxies import allows_tailscale, vouched
from clawfleet.access.refusals import denied
from clawfleet.config.models.gateway import Gateway
from clawfleet.protocol.handshake import CONTROL_UI, Connect, Refused

Whois = Callable[[str], Awaitable[str | None]]
"""The login of the Tailscale user behind an address, None when Tailscale knows none."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A client that may come in, by `method` as `hello-ok` names it; `user` is whom a proxy vouched for."""

    method: str
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The judge of what is shown. `config` gives the section in force."""

    auth: GatewayAuth
    devices: Devices
    failures: Failures
    config: Callable[[], Gateway]
    whois: Whois

    async def vouched(self, connect: Connect, peer: Peer) -> Passed | Denied | None:
        """The user whom a proxy names; why its word does not count; None where no proxy is asked."""
        if self.auth.mode == "trusted-proxy":
            found = vouched(peer, self.config(), is_own_address)
            return Passed("trusted-proxy", found.user) if found.user else unauthorized(found.reason)
        login = peer.headers.get(TAILSCALE_USER)
        is_page = connect.params.client.id == CONTROL_UI and connect.params.role == "operator"
        may = is_page and peer.ingress == "serve" and not connect.params.auth.is_shared
        if login and may and allows_tailscale(self.config()):
            known = await self.whois(peer.client or "")
            if known is not None and known.casefold() == login.strip().casefold():
                return Passed("tailscale", known)
        return None

    def shared(self, connect: Connect, peer: Peer) -> Passed | Refused:
        """Judge the shared secret alone, as for a client without a device."""
        why = self._check_shared(connect, peer)
        if why is None:
            self.failures.forget(peer, "shared-secret")
            return Passed(self._shared_method())
        return self._refuse(connect, peer, why)

    async def of_device(self, connect: Connect, peer: Peer, ask: Ask, proxy: Denied | None) -> Passed | Refused:
        """Judge whatever a client with a proven device shows; `proxy` is why no proxy vouched for it."""
        shown = connect.params.auth
        why = self._check_shared(connect, peer)
        if why is None:
            self.failures.forget(peer, "shared-secret")
            return Passed(self._shared_method())
        if shown.bootstrap_token and not (shown.is_shared or shown.device_token):
            return self._refuse(connect, peer, bootstrap_invalid(), "bootstrap-token")
        candidate = shown.device_token or shown.token
        found = await self._check_token(peer, ask, candidate) if candidate else (proxy or why)
        if found is None:
            self.failures.forget(peer, "device-token")
            return Passed("device-token")
        if found.details["code"] == "AUTH_DEVICE_TOKEN_MISMATCH" and not shown.device_token:
            return self._refuse(connect, peer, proxy or _retryable(why))  # it was meant as the shared secret
        return self._refuse(connect, peer, found, "device-token" if candidate else "shared-secret")

    async def _check_token(self, peer: Peer, ask: Ask, candidate: str) -> Denied | None:
        if self.failures.wait_ms(peer, "device-token") is not None:
            return rate_limited()
        verdict = await self.devices.check_token(ask, candidate)
        if verdict == "ok":
            return None
        return scope_mismatch() if verdict == "scopes" else device_token_mismatch()

    def _check_shared(self, connect: Connect, peer: Peer) -> Denied | None:
        params = connect.params
        if params.auth.is_shared and self.failures.wait_ms(peer, "shared-secret") is not None:
            return rate_limited()
        return self.auth.check(params.auth, params.client, local=peer.is_local)

    def _shared_method(self) -> str:
        return "password" if self.auth.mode == "trusted-proxy" else self.auth.mode

    def _refuse(self, connect: Connect, peer: Peer, why: Denied, kind: CredentialClass = "shared-secret") -> Refused:
        if why.details["code"] == "AUTH_RATE_LIMITED":
            return denied(connect, why, wait_ms=self.failures.wait_ms(peer, kind))
        delay_ms = self.failures.add(peer, kind) if why.is_guess else 0
        return denied(connect, why, delay_ms=delay_ms if kind == "shared-secret" else 0)


def _retryable(why: Denied) -> Denied:
    """A wrong shared token of a client that may have a device token too: it is asked to try that one."""
    if why.details["code"] != "AUTH_TOKEN_MISMATCH":
        return why
    more = {"canRetryWithDeviceToken": True, "recommendedNextStep": "retry_with_device_token"}
    return replace(why, details=why.details | more)
