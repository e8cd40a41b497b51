"""Who stands behind a proxy: whether its word about the client counts, and which user it vouches for. Pure.

Source: protocol §6 (trusted proxy), http-and-web §3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from clawfleet.access.device_policy import as_ip, in_networks
from clawfleet.access.locality import FUNNEL_REQUEST, Peer, is_loopback
from clawfleet.config.models.gateway import Gateway, TrustedProxy

SCOPES_HEADER = "x-openclaw-scopes"


@dataclass(frozen=True, slots=True)
class Vouched:
    """A user that a proxy vouches for; `user` is None when it vouches for nobody, and `reason` says why."""

    user: str | None = None
    reason: str = ""


def attribute(peer: Peer, config: Gateway) -> Peer | None:
    """The peer with the address of the client behind it; None when a proxy forwards whose word does not count.

    Only proxies that are listed are believed, and Tailscale at the listener that is there for its route; the client
    that they name must be an address elsewhere. What Tailscale's headers say at the ordinary listener is nobody's word.
    """
    if peer.ingress is not None:
        return _through_tailscale(peer)
    if not peer.is_forwarded:
        return peer
    if not in_networks(peer.address, config.trusted_proxies):
        return None
    client = _client_of(peer.headers, config)
    return None if client is None else replace(peer, client=client)


def _through_tailscale(peer: Peer) -> Peer | None:
    """The peer with the client that Tailscale's route names; None for what Tailscale does not send there."""
    chain = peer.headers.get("x-forwarded-for", "").split(",")
    client = as_ip(chain[-1])
    is_whole = all(peer.headers.get(name) for name in ("x-forwarded-proto", "x-forwarded-host"))
    marker = peer.headers.get(FUNNEL_REQUEST)
    is_expected = not marker or (peer.ingress == "funnel" and marker == "?1")
    if not is_loopback(peer.address) or not is_whole or not is_expected or client is None or client.is_loopback:
        return None
    return replace(peer, client=str(client))


def allows_tailscale(config: Gateway) -> bool:
    """Whether Tailscale may say who a user of the page is."""
    if config.auth.allow_tailscale is not None:
        return config.auth.allow_tailscale
    return config.tailscale.mode == "serve" and config.auth.mode not in ("password", "trusted-proxy")


def _client_of(headers: Mapping[str, str], config: Gateway) -> str | None:
    """The client that the chain of proxies names: the last address that is no proxy of ours."""
    chain = headers.get("x-forwarded-for", "").split(",")
    if chain == [""] and config.allow_real_ip_fallback:
        chain = [headers.get("x-real-ip", "")]
    for hop in reversed(chain):
        address = as_ip(hop)
        if address is None or address.is_loopback:
            return None
        if not in_networks(str(address), config.trusted_proxies):
            return str(address)
    return None


def vouched(peer: Peer, config: Gateway, is_own: Callable[[str], bool]) -> Vouched:
    """The user whom the trusted proxy names, or why nobody is believed. `is_own` knows this machine's addresses."""
    settings = config.auth.trusted_proxy
    if settings is None:
        return Vouched(reason="trusted_proxy_config_missing")
    if not config.trusted_proxies:
        return Vouched(reason="trusted_proxy_no_proxies_configured")
    if not in_networks(peer.address, config.trusted_proxies):
        return Vouched(reason="trusted_proxy_untrusted_source")
    if is_loopback(peer.address):
        if not settings.allow_loopback:
            return Vouched(reason="trusted_proxy_loopback_source")
    elif is_own(peer.address or ""):
        return Vouched(reason="trusted_proxy_local_interface_source")
    return _named(peer.headers, settings)


def _named(headers: Mapping[str, str], settings: TrustedProxy) -> Vouched:
    for name in settings.required_headers:
        if not headers.get(name.lower(), "").strip():
            return Vouched(reason=f"trusted_proxy_missing_header_{name.lower()}")
    user = headers.get(settings.user_header.lower(), "").strip()
    if not user:
        return Vouched(reason="trusted_proxy_user_missing")
    if settings.allow_users and user not in settings.allow_users:
        return Vouched(reason="trusted_proxy_user_not_allowed")
    return Vouched(user)


def identity_scopes(user: str, config: Gateway) -> tuple[str, ...]:
    """The scopes that the config gives a verified user for a connection; e-mail addresses match in any case."""
    for name, scopes in config.auth.identity_scopes.items():
        if name == user or ("@" in name and name.casefold() == user.casefold()):
            return scopes
    return ()


def capped(scopes: Sequence[str], headers: Mapping[str, str]) -> tuple[str, ...]:
    """Scopes within those that the proxy allows this connection; all of them where it says nothing."""
    if SCOPES_HEADER not in headers:
        return tuple(scopes)
    cap = {scope.strip() for scope in headers[SCOPES_HEADER].replace(" ", ",").split(",")}
    return tuple(scope for scope in scopes if scope in cap)
