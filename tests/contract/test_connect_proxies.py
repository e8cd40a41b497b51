"""Clients that a proxy on this machine forwards, over real sockets: whom it vouches for, and what it hears else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import GatewayAuth
from tests.support.device import DeviceKey
from tests.support.protocol_client import CLI
from tests.unit.server.served import serve

PAGE = {"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"}
READ, WRITE, ADMIN = "operator.read", "operator.write", "operator.admin"
ORIGIN = "https://claw.example.com"
NICK, ANN = "nick@example.com", "ann@example.com"
CONFIG = {
    "gateway": {
        "trustedProxies": ["127.0.0.1"],
        "controlUi": {"allowedOrigins": [ORIGIN]},
        "auth": {
            "mode": "trusted-proxy",
            "identityScopes": {ANN: [READ]},
            "trustedProxy": {
                "userHeader": "X-Forwarded-User",
                "requiredHeaders": ["X-Forwarded-Proto"],
                "allowUsers": [NICK, ANN],
                "allowLoopback": True,
            },
        },
    }
}
KEY = DeviceKey("behind the proxy")


def forwarded(user: str | None, **more: str) -> dict[str, str]:
    names = {"For": "203.0.113.9", "Proto": "https"} | ({"User": user} if user else {}) | more
    return {f"X-Forwarded-{name}": value for name, value in names.items() if value}


@pytest.mark.parametrize(
    ("client", "headers", "key", "outcome"),
    [
        (PAGE, {"Origin": ORIGIN, **forwarded(NICK)}, None, []),
        (PAGE, {"Origin": ORIGIN, **forwarded(ANN)}, None, [READ]),
        (PAGE, {"Origin": ORIGIN, "X-OpenClaw-Scopes": WRITE, **forwarded(ANN)}, None, []),
        (PAGE, {"Origin": ORIGIN, **forwarded("eve@example.com")}, None, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"),
        (PAGE, {"Origin": ORIGIN, **forwarded(NICK)}, KEY, "PAIRING_REQUIRED"),
        (PAGE, {"Origin": ORIGIN, **forwarded(None)}, KEY, "AUTH_UNAUTHORIZED"),
        (PAGE, {"Origin": ORIGIN, **forwarded(NICK, Proto="")}, KEY, "AUTH_IDENTITY_HEADER_REQUIRED"),
        (PAGE, {"Origin": "https://evil.example", **forwarded(NICK)}, None, "CONTROL_UI_ORIGIN_NOT_ALLOWED"),
        (CLI, forwarded(NICK), None, []),
        (CLI, {}, None, "DEVICE_IDENTITY_REQUIRED"),
    ],
)
async def test_a_proxy_on_this_machine_says_who_comes(
    tmp_path: Path, client: Any, headers: dict[str, str], key: DeviceKey | None, outcome: Any
) -> None:
    async with (
        serve(tmp_path, CONFIG, authority=GatewayAuth("trusted-proxy")) as served,
        served.open(headers=headers) as socket,
    ):
        answer = await socket.connect(None, key=key, client=client, scopes=[ADMIN, READ, WRITE])
        if isinstance(outcome, str):
            assert answer["error"]["details"]["code"] == outcome
        else:
            assert (answer["payload"]["auth"]["method"], answer["payload"]["auth"]["scopes"]) == (
                "trusted-proxy",
                outcome,
            )


async def test_who_guesses_through_a_proxy_locks_only_himself_out(tmp_path: Path) -> None:
    """Callers behind the proxy are counted by the address that it names, not by the proxy's own."""
    config = {"gateway": {"trustedProxies": ["127.0.0.1"], "auth": {"rateLimit": {"maxAttempts": 2}}}}
    async with serve(tmp_path, config) as served:

        async def code(address: str) -> str:
            async with served.open(headers={"X-Forwarded-For": address}) as socket:
                answer = await socket.connect("wrong", client=CLI)
                return str(answer["error"]["details"]["code"])

        codes = [await code("203.0.113.9") for _ in range(3)]
        assert codes == ["AUTH_TOKEN_MISMATCH", "AUTH_TOKEN_MISMATCH", "AUTH_RATE_LIMITED"]
        assert await code("203.0.113.10") == "AUTH_TOKEN_MISMATCH"
