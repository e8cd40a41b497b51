"""Proxies: whose word about the client counts, and which user they vouch for."""

from typing import Any

import pytest

from clawfleet.access.locality import Peer
from clawfleet.access.proxies import attribute, capped, identity_scopes, vouched
from clawfleet.config.models.gateway import Gateway


def gateway(**section: Any) -> Gateway:
    return Gateway.model_validate({"trustedProxies": ["127.0.0.1", "10.0.0.0/8"], **section})


def proxied(chain: str | None, address: str = "127.0.0.1", **headers: str) -> Peer:
    forwarded = {} if chain is None else {"x-forwarded-for": chain}
    return Peer(address, {**forwarded, **{name.replace("_", "-"): value for name, value in headers.items()}})


@pytest.mark.parametrize(
    ("peer", "section", "client"),
    [
        (Peer("198.51.100.7", {}), {}, "198.51.100.7"),
        (proxied("203.0.113.9"), {}, "203.0.113.9"),
        (proxied("1.2.3.4, 203.0.113.9, 10.1.1.1"), {}, "203.0.113.9"),
        (proxied("::ffff:203.0.113.9"), {}, "203.0.113.9"),
        (proxied("203.0.113.9", "198.51.100.7"), {}, None),
        (proxied("127.0.0.1"), {}, None),
        (proxied("garbage"), {}, None),
        (proxied("10.1.1.1"), {}, None),
        (proxied(None, x_forwarded_user="ann"), {}, None),
        (proxied(None, x_real_ip="203.0.113.9"), {}, None),
        (proxied(None, x_real_ip="203.0.113.9"), {"allowRealIpFallback": True}, "203.0.113.9"),
        (proxied("203.0.113.9"), {"trustedProxies": []}, None),
        (proxied("100.64.0.9", tailscale_user_login="ann"), {"trustedProxies": []}, None),
        (proxied("100.64.0.9", tailscale_user_login="ann"),
         {"trustedProxies": [], "tailscale": {"mode": "serve"}, "auth": {"allowTailscale": True}}, None),
        (Peer("127.0.0.1", {"tailscale-user-name": "Ann"}), {"trustedProxies": []}, None),
        (Peer("127.0.0.1", {"tailscale-funnel-request": "?1"}), {"trustedProxies": []}, None),
    ],
)  # fmt: skip
def test_the_client_behind_a_proxy(peer: Peer, section: dict[str, Any], client: str | None) -> None:
    found = attribute(peer, gateway(**section))
    assert (found.client if found else None) == client
    if found is not None and peer.is_forwarded:
        assert not found.is_local


SENT = {"x-forwarded-for": "100.64.0.9", "x-forwarded-proto": "https", "x-forwarded-host": "edge.ts.net"}


@pytest.mark.parametrize(
    ("ingress", "headers", "address", "client"),
    [
        ("serve", SENT, "127.0.0.1", "100.64.0.9"),
        ("serve", SENT | {"tailscale-user-login": "ann"}, "127.0.0.1", "100.64.0.9"),
        ("serve", SENT | {"x-forwarded-for": "1.2.3.4, 100.64.0.9"}, "127.0.0.1", "100.64.0.9"),
        ("serve", SENT, "198.51.100.7", None),
        ("serve", SENT | {"tailscale-funnel-request": "?1"}, "127.0.0.1", None),
        ("serve", SENT | {"x-forwarded-for": "127.0.0.1"}, "127.0.0.1", None),
        ("serve", SENT | {"x-forwarded-proto": ""}, "127.0.0.1", None),
        ("serve", {}, "127.0.0.1", None),
        ("funnel", SENT | {"tailscale-funnel-request": "?1"}, "127.0.0.1", "100.64.0.9"),
        ("funnel", SENT, "127.0.0.1", "100.64.0.9"),
        ("funnel", SENT | {"tailscale-funnel-request": "yes"}, "127.0.0.1", None),
    ],
)
def test_what_comes_by_tailscales_route(
    ingress: Any, headers: dict[str, str], address: str, client: str | None
) -> None:
    found = attribute(Peer(address, headers, ingress=ingress), gateway(trustedProxies=[]))
    assert (found.client if found else None) == client
    if found is not None:
        assert found.is_forwarded
        assert not found.is_local


AUTH = {"mode": "trusted-proxy", "trustedProxy": {"userHeader": "X-User", "requiredHeaders": ["X-Proof"]}}


@pytest.mark.parametrize(
    ("peer", "section", "own", "reason"),
    [
        (proxied("203.0.113.9", "10.0.0.2", x_user="ann", x_proof="1"), {"auth": AUTH}, False, ""),
        (proxied("203.0.113.9", "10.0.0.2", x_user="ann", x_proof="1"), {}, False, "trusted_proxy_config_missing"),
        (proxied(None), {"auth": AUTH, "trustedProxies": []}, False, "trusted_proxy_no_proxies_configured"),
        (proxied(None, "198.51.100.7"), {"auth": AUTH}, False, "trusted_proxy_untrusted_source"),
        (proxied("203.0.113.9", x_user="ann", x_proof="1"), {"auth": AUTH}, False, "trusted_proxy_loopback_source"),
        (proxied("203.0.113.9", "10.0.0.2"), {"auth": AUTH}, True, "trusted_proxy_local_interface_source"),
        (proxied("203.0.113.9", "10.0.0.2", x_user="ann"), {"auth": AUTH}, False,
         "trusted_proxy_missing_header_x-proof"),
        (proxied("203.0.113.9", "10.0.0.2", x_user=" ", x_proof="1"), {"auth": AUTH}, False,
         "trusted_proxy_user_missing"),
        (proxied("203.0.113.9", "10.0.0.2", x_user="eve", x_proof="1"),
         {"auth": {**AUTH, "trustedProxy": {**AUTH["trustedProxy"], "allowUsers": ["ann"]}}}, False,  # type: ignore[dict-item]
         "trusted_proxy_user_not_allowed"),
    ],
)  # fmt: skip
def test_why_a_proxys_word_does_not_count(peer: Peer, section: dict[str, Any], own: bool, reason: str) -> None:
    found = vouched(peer, gateway(**section), lambda address: own)
    assert found.reason == reason
    assert found.user == (None if reason else "ann")


def test_scopes_of_users() -> None:
    config = gateway(auth={"identityScopes": {"ann@example.com": ["operator.read"], "Bob": ["operator.admin"]}})
    assert identity_scopes("ANN@example.com", config) == ("operator.read",)
    assert identity_scopes("Bob", config) == ("operator.admin",)
    assert identity_scopes("bob", config) == ()


def test_a_proxy_may_cap_a_connection() -> None:
    scopes = ("operator.read", "operator.write")
    assert capped(scopes, {}) == scopes
    assert capped(scopes, {"x-openclaw-scopes": "operator.read, operator.admin"}) == ("operator.read",)
    assert capped(scopes, {"x-openclaw-scopes": ""}) == ()
