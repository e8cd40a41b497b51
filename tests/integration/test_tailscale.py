"""A gateway that Tailscale shows: a stand-in for the command, everything else real. No tailnet was there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.device import DeviceKey
from tests.support.gateway import POLL_S, READY_LIMIT_S, GatewayProcess
from tests.support.protocol_client import Frame, open_socket
from tests.support.tailscale import FakeTailscale

HOST = "edge-1.tail1234.ts.net"
ORIGIN = f"https://{HOST}"
PAGE = {"id": "openclaw-control-ui", "version": "2026.9.6", "platform": "web", "mode": "webchat"}
BY_SERVE = {
    "X-Forwarded-For": "100.64.0.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": HOST,
    "Tailscale-User-Login": "Ann@Example.com",
}


def listener_of(gateway: GatewayProcess, fake: FakeTailscale) -> int:
    """The port that the route leads to, once it stands."""
    deadline = time.monotonic() + READY_LIMIT_S
    while not (held := list(fake.state().get("foreground", {}).values())):
        assert time.monotonic() < deadline, gateway.log()
        try:
            gateway.process.wait(timeout=POLL_S)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"it ended:\n{gateway.log()}")
    return int(held[0][1])


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> FakeTailscale:
    return FakeTailscale(tmp_path_factory.mktemp("tailscale"), logins={"100.64.0.9": "ann@example.com"})


@pytest.fixture(scope="module")
def served(fake: FakeTailscale, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    config = {
        "gateway": {
            "tailscale": {"mode": "serve"},
            "http": {"endpoints": {"chatCompletions": {"enabled": True}}},
        }
    }
    process = GatewayProcess(tmp_path_factory.mktemp("served"), config, env={"PATH": fake.path})
    try:
        yield process.start()
    finally:
        process.kill()


async def knock(port: int, *, key: DeviceKey | None, headers: dict[str, str] | None = None, **over: Any) -> Frame:
    """The answer to a page that comes by the tailnet, without token or password."""
    async with open_socket(f"ws://{HOST}/", origin=ORIGIN, headers=BY_SERVE | (headers or {}), at=port) as client:
        return await client.connect(None, key=key, client=PAGE, **over)


def test_the_commands_come_in_order(served: GatewayProcess, fake: FakeTailscale) -> None:
    target = listener_of(served, fake)
    assert fake.calls()[:4] == ["version", "status --json", "serve status --json", f"serve --yes --bg=false {target}"]
    assert target != served.port


async def test_who_the_tailnet_knows_comes_in_without_a_secret(served: GatewayProcess, fake: FakeTailscale) -> None:
    """The login is asked for once, and a device is shown all the same."""
    port = listener_of(served, fake)
    for _ in range(2):
        answer = await knock(port, key=DeviceKey("ann"))
        assert answer["ok"], answer
        assert answer["payload"]["auth"]["method"] == "tailscale"
    assert fake.calls().count("whois --json 100.64.0.9") == 1
    bare = await knock(port, key=None)
    assert bare["error"]["details"]["code"] == "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"


@pytest.mark.parametrize("forged", [{"Tailscale-User-Login": "eve@example.com"}, {"X-Forwarded-For": "100.64.0.7"}])
async def test_a_forged_login_counts_for_nothing(
    served: GatewayProcess, fake: FakeTailscale, forged: dict[str, str]
) -> None:
    answer = await knock(listener_of(served, fake), key=DeviceKey("eve"), headers=forged)
    assert answer["error"]["details"]["code"] == "AUTH_TOKEN_MISSING"


@pytest.mark.parametrize(
    "headers", [{"Tailscale-Funnel-Request": "?1"}, {"X-Forwarded-Proto": ""}, {"X-Forwarded-For": "127.0.0.1"}]
)
async def test_what_tailscale_does_not_send_is_turned_away(
    served: GatewayProcess, fake: FakeTailscale, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await knock(listener_of(served, fake), key=DeviceKey("ann"), headers=headers)
    assert caught.value.response.status_code == 403


async def test_the_ordinary_listener_believes_none_of_it(served: GatewayProcess, fake: FakeTailscale) -> None:
    listener_of(served, fake)
    with pytest.raises(InvalidStatus) as caught:
        await knock(served.port, key=DeviceKey("ann"))
    assert b"proxy_attribution_required" in (caught.value.response.body or b"")


def test_the_api_asks_for_the_token_also_by_the_tailnet(served: GatewayProcess, fake: FakeTailscale) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{listener_of(served, fake)}", headers=BY_SERVE) as http:
        assert http.get("/v1/models").status_code == 401
        assert http.get("/v1/models", headers={"Authorization": f"Bearer {served.token}"}).status_code == 200
        assert http.get("/readyz").json() == {"ready": True}


def test_the_route_ends_with_the_gateway_however_it_ends(tmp_path: Path) -> None:
    fake = FakeTailscale(tmp_path / "bin")
    gateway = GatewayProcess(tmp_path, {"gateway": {"tailscale": {"mode": "serve"}}}, env={"PATH": fake.path})
    for end in (gateway.stop, gateway.kill):
        gateway.start()
        listener_of(gateway, fake)
        end()
        deadline = time.monotonic() + READY_LIMIT_S
        while fake.state()["foreground"]:
            assert time.monotonic() < deadline
            time.sleep(POLL_S)


@pytest.mark.parametrize(
    ("config", "flags", "code", "words"),
    [
        ({"tailscale": {"mode": "funnel"}}, [], 78,
         "tailscale funnel requires gateway auth mode=password (set gateway.auth.password or "
         "OPENCLAW_GATEWAY_PASSWORD)"),
        ({"bind": "lan"}, ["--tailscale", "serve"], 78,
         "gateway.bind must resolve to loopback when gateway.tailscale.mode=serve"),
        ({"bind": "lan", "tailscale": {"mode": "serve"}}, [], 78,
         'use gateway.bind="loopback" or gateway.bind="custom" with gateway.customBindHost="127.0.0.1"'),
        ({"tailscale": {"mode": "serve"}}, [], 1, "Serve is not enabled on your tailnet."),
    ],
)  # fmt: skip
def test_a_gateway_that_cannot_be_shown_does_not_start(
    tmp_path: Path, config: dict[str, Any], flags: list[str], code: int, words: str
) -> None:
    fake = FakeTailscale(tmp_path / "bin", refusal="Serve is not enabled on your tailnet.")
    gateway = GatewayProcess(tmp_path, {"gateway": config}, env={"PATH": fake.path})
    done = subprocess.run(
        [sys.executable, "-m", "clawfleet", "gateway", "run", "--port", str(gateway.port), *flags],
        env=gateway.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.split())


async def test_by_funnel_everybody_has_to_know_the_password(tmp_path: Path) -> None:
    fake = FakeTailscale(tmp_path / "bin", logins={"100.64.0.9": "ann@example.com"})
    auth = {"mode": "password", "password": "a-long-one"}
    config = {"gateway": {"tailscale": {"mode": "funnel"}, "auth": auth}}
    gateway = GatewayProcess(tmp_path, config, env={"PATH": fake.path})
    try:
        port = listener_of(gateway.start(), fake)
        by_funnel = {"Tailscale-Funnel-Request": "?1", "X-Forwarded-For": "203.0.113.9"}
        answer = await knock(port, key=DeviceKey("p"), headers=by_funnel)
        assert answer["error"]["details"]["code"] == "AUTH_PASSWORD_MISSING"
        answer = await knock(port, key=DeviceKey("p"), headers=by_funnel, auth={"password": "a-long-one"})
        assert answer["error"]["details"]["reason"] == "not-paired"
    finally:
        gateway.kill()
