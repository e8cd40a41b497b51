"""Whom a trusted proxy or Tailscale vouches for, and how far."""

from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.protocol.handshake import Refused
from tests.support.device import DeviceKey
from tests.unit.access.doors import ADMIN, READ, REMOTE, WRITE, doorway

KEY = DeviceKey("one")

PROXY = {
    "trustedProxies": ["127.0.0.1"],
    "controlUi": {"allowedOrigins": ["https://claw.example.com"]},
    "auth": {
        "mode": "trusted-proxy",
        "identityScopes": {"ann@example.com": [READ]},
        "trustedProxy": {
            "userHeader": "X-Forwarded-User",
            "requiredHeaders": ["X-Forwarded-Proto"],
            "allowUsers": ["nick@example.com", "ann@example.com"],
            "allowLoopback": True,
        },
    },
}


def through(user: str | None, **more: str) -> dict[str, str]:
    headers = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "origin": "https://claw.example.com"}
    named = {"x-forwarded-user": user} if user else {}
    return {name: value for name, value in {**headers, **named, **more}.items() if value}


@pytest.mark.parametrize(
    ("client", "how", "outcome"),
    [
        ("page", {"headers": through("nick@example.com")}, ()),
        ("page", {"headers": through("Ann@Example.com")}, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"),
        ("page", {"headers": through("ann@example.com")}, (READ,)),
        ("page", {"headers": through("ann@example.com", **{"x-openclaw-scopes": WRITE})}, ()),
        ("page", {"headers": through("eve@example.com")}, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"),
        ("page", {"headers": through("nick@example.com"), "key": KEY}, "PAIRING_REQUIRED"),
        ("page", {"headers": through(None), "key": KEY}, "AUTH_UNAUTHORIZED"),
        ("page", {"headers": through("nick@example.com", **{"x-forwarded-proto": ""}), "key": KEY},
         "AUTH_IDENTITY_HEADER_REQUIRED"),
        ("page", {"headers": through("nick@example.com", origin="https://evil.example")},
         "CONTROL_UI_ORIGIN_NOT_ALLOWED"),
        ("cli", {}, "DEVICE_IDENTITY_REQUIRED"),
        ("backend", {}, "DEVICE_IDENTITY_REQUIRED"),
        ("cli", {"headers": through("nick@example.com", origin="")}, ()),
    ],
)  # fmt: skip
async def test_a_trusted_proxy_says_who_the_user_is(
    tmp_path: Path, client: str, how: dict[str, Any], outcome: Any
) -> None:
    async with doorway(tmp_path, PROXY, GatewayAuth("trusted-proxy")) as door:
        verdict = await door.knock(client, scopes=(ADMIN, READ, WRITE), **{"shown": {}, **how})
        if isinstance(verdict, Refused):
            assert verdict.details["code"] == outcome
            return
        assert (verdict.method, verdict.scopes) == ("trusted-proxy", outcome)


async def test_reasons_of_the_proxy_are_told(tmp_path: Path) -> None:
    async with doorway(tmp_path, PROXY, GatewayAuth("trusted-proxy")) as door:
        missing = await door.refused("page", key=KEY, shown={}, headers=through(None))
        assert missing.details["authReason"] == "trusted_proxy_user_missing"
        unproven = through("nick@example.com", **{"x-forwarded-proto": ""})
        missing = await door.refused("page", key=KEY, shown={}, headers=unproven)
        assert missing.details["authReason"] == "trusted_proxy_missing_header_x-forwarded-proto"


async def test_a_proxys_user_may_enrol_devices_within_bounds(tmp_path: Path) -> None:
    proxy = {**PROXY["auth"]["trustedProxy"], "deviceAutoApprove": {"enabled": True, "scopes": [READ, WRITE]}}  # type: ignore[index]
    config = {**PROXY, "auth": {**PROXY["auth"], "trustedProxy": proxy}}  # type: ignore[dict-item]
    async with doorway(tmp_path, config, GatewayAuth("trusted-proxy")) as door:
        headers = through("nick@example.com")
        admitted = await door.enters("page", key=KEY, shown={}, scopes=(ADMIN, READ), headers=headers)
        assert admitted.scopes == (READ,)
        (device,) = await door.devices.paired()
        assert (device.approved_via, device.scopes) == ("trusted-proxy", (READ,))
        node = await door.refused("node", key=DeviceKey("n"), shown={}, scopes=(), headers=through("nick@example.com"))
        assert node.details["reason"] == "not-paired"


async def test_this_machine_may_show_the_password_instead_of_a_proxy(tmp_path: Path) -> None:
    async with doorway(tmp_path, PROXY, GatewayAuth("trusted-proxy", "pw")) as door:
        assert (await door.enters(shown={"password": "pw"})).method == "password"
        assert (await door.refused(shown={"password": "pw"}, address=REMOTE)).details["code"] == "AUTH_UNAUTHORIZED"


BY_TAILSCALE = {
    "x-forwarded-for": "100.64.0.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "x.ts.net",
    "tailscale-user-login": "Ann@Example.com",
    "origin": "https://x.ts.net",
}


async def test_tailscale_vouches_for_users_of_the_page_only(tmp_path: Path) -> None:
    config = {"auth": {"allowTailscale": True}, "controlUi": {"allowedOrigins": ["*"]}}
    async with doorway(tmp_path, config) as door:
        asks: dict[str, Any] = {"shown": {}, "headers": BY_TAILSCALE, "ingress": "serve"}
        assert (await door.refused("page", **asks, key=KEY)).details["code"] == "AUTH_TOKEN_MISSING"
        door.logins["100.64.0.9"] = "ann@example.com"
        admitted = await door.enters("page", **asks, key=KEY, scopes=(READ, WRITE))
        assert (admitted.method, admitted.scopes) == ("tailscale", (READ, WRITE))
        assert not await door.devices.paired()
        assert (await door.refused("page", **asks)).details["code"] == "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"
        assert (await door.refused("cli", **asks)).details["code"] == "DEVICE_IDENTITY_REQUIRED"


@pytest.mark.parametrize(
    ("config", "how"),
    [
        ({}, {"ingress": "funnel"}),
        ({"allowTailscale": False}, {"ingress": "serve"}),
        ({}, {"ingress": "serve", "headers": {"tailscale-user-login": "eve@example.com"}}),
        ({}, {"ingress": "serve", "headers": {"x-forwarded-for": "100.64.0.7"}}),
    ],
)
async def test_what_tailscale_does_not_vouch_for(tmp_path: Path, config: dict[str, Any], how: dict[str, Any]) -> None:
    section = {"auth": {"allowTailscale": True, **config}, "controlUi": {"allowedOrigins": ["*"]}}
    async with doorway(tmp_path, section) as door:
        door.logins["100.64.0.9"] = "ann@example.com"
        headers = BY_TAILSCALE | how.get("headers", {})
        refused = await door.refused("page", shown={}, key=KEY, headers=headers, ingress=how["ingress"])
        assert refused.details["code"] == "AUTH_TOKEN_MISSING"


async def test_who_shows_the_secret_by_tailscale_is_judged_by_it(tmp_path: Path) -> None:
    section = {"auth": {"allowTailscale": True}, "controlUi": {"allowedOrigins": ["*"]}}
    async with doorway(tmp_path, section) as door:
        door.logins["100.64.0.9"] = "ann@example.com"
        wrong = {"shown": {"token": "wrong"}, "key": KEY, "headers": BY_TAILSCALE, "ingress": "serve"}
        assert (await door.refused("page", **wrong)).details["code"] == "AUTH_TOKEN_MISMATCH"


# Guessing.
