"""The published reference client against a real gateway: ways in, refusals, devices, tokens, gaps, restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.conftest import Station
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.official_client import Frame, Meddle, OfficialClient, meddling, official_client

pytestmark = pytest.mark.npm

ADMIN = ["operator.admin"]
READER = ["operator.read"]
CLI = {"clientName": "cli", "mode": "cli", "platform": "linux", "deviceFamily": "Linux"}
NO_SILENT_APPROVAL = {"gateway": {"nodes": {"pairing": {"autoApproveLocal": False}}}}
STREAMS = {"lifecycle", "assistant", "item", "tool", "command_output"}


@pytest_asyncio.fixture
async def client() -> AsyncIterator[OfficialClient]:
    """One client that has not connected yet."""
    async with official_client() as found:
        yield found


@pytest_asyncio.fixture
async def other() -> AsyncIterator[OfficialClient]:
    """A second client."""
    async with official_client() as found:
        yield found


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """Where a client keeps a device of its own."""
    return tmp_path / "device.json"


async def let_in(client: OfficialClient, gateway: GatewayProcess, **options: Any) -> Any:
    answer = await client.connect(gateway.ws_url, **{"token": gateway.token, **options})
    assert "hello" in answer, answer
    return answer["hello"]


async def test_it_is_let_in_and_follows_a_turn_without_a_gap(station: Station, client: OfficialClient) -> None:
    hello = await let_in(client, station.gateway, caps=["tool-events"])
    assert (hello["type"], hello["protocol"], hello["auth"]["scopes"]) == ("hello-ok", 4, ADMIN)
    assert (await client.call("health"))["ok"] is True
    ask = {"message": "hi", "idempotencyKey": "official-agent", "deliver": False}
    answer = (await client.request("agent", ask, expectFinal=True))["payload"]
    assert answer["status"] == "ok"
    assert "You said: hi" in answer["result"]["payloads"][0]["text"]
    sent = await client.call("chat.send", sessionKey="main", message="call exec: echo hi", idempotencyKey="chat")
    assert sent["runId"] == "chat"
    streams, past = set[str](), 0
    while not {"lifecycle"} < streams or streams < STREAMS:
        event = await client.next("event", event="agent", past=past)
        past += 1
        streams |= {event["payload"]["stream"]} if event["payload"]["runId"] == "chat" else set()
    rows = (await client.call("chat.history", sessionKey="main"))["messages"]
    assert {"user", "assistant"} <= {row["role"] for row in rows}


async def test_with_the_password_it_is_let_in(gateway: GatewayFactory, client: OfficialClient) -> None:
    running = gateway({"gateway": {"auth": {"mode": "password", "password": "open-sesame-123"}}})
    hello = await let_in(client, running, token=None, password="open-sesame-123")
    assert hello["auth"]["role"] == "operator"
    refused = (await client.connect(running.ws_url, password="wrong"))["error"]
    assert refused["details"]["code"] == "AUTH_PASSWORD_MISMATCH"


async def test_with_a_wrong_token_it_knows_why_and_what_next(station: Station, client: OfficialClient) -> None:
    error = (await client.connect(station.gateway.ws_url, token="wrong"))["error"]
    assert error["message"].startswith("unauthorized: gateway token mismatch (provide gateway auth token/password)")
    assert error["details"]["code"] == "AUTH_TOKEN_MISMATCH"
    assert error["details"]["recommendedNextStep"] == "update_auth_credentials"


async def test_a_missing_scope_is_named(station: Station, client: OfficialClient) -> None:
    await let_in(client, station.gateway, scopes=READER, **CLI)
    error = (await client.request("chat.send", {}))["error"]
    assert (error["code"], error["details"]["code"]) == ("FORBIDDEN", "MISSING_SCOPE")
    assert error["details"]["missingScope"] == "operator.write"


async def test_an_unknown_method_is_told(station: Station, client: OfficialClient) -> None:
    await let_in(client, station.gateway)
    assert (await client.request("no.such.method"))["error"]["message"] == "unknown method: no.such.method"


async def test_a_probe_of_the_protocol_before_is_answered(station: Station, client: OfficialClient) -> None:
    hello = await let_in(client, station.gateway, minProtocol=3, maxProtocol=3, mode="probe", clientName="cli")
    assert hello["protocol"] == 3


async def test_a_protocol_of_tomorrow_is_refused(station: Station, client: OfficialClient) -> None:
    error = await client.connect(station.gateway.ws_url, token=station.gateway.token, minProtocol=9, maxProtocol=9)
    assert error["error"]["details"]["code"] == "PROTOCOL_MISMATCH"
    assert (await client.next("close"))["code"] == 1002


async def test_a_new_device_on_this_machine_is_paired_and_comes_back_with_its_token(
    gateway: GatewayFactory, client: OfficialClient, device: Path
) -> None:
    """Silent approval, a device token in hello, and the next time that token alone."""
    running = gateway()
    first = await let_in(client, running, device=device)
    assert len(first["auth"]["deviceToken"]) == 43
    again = await let_in(client, running, device=device, token=None)
    assert again["auth"]["method"] == "device-token"
    rows = (await client.call("device.pair.list"))["paired"]
    assert [row["approvedVia"] for row in rows] == ["silent"]


async def test_a_new_device_waits_until_somebody_approves_it(
    gateway: GatewayFactory, client: OfficialClient, other: OfficialClient, device: Path
) -> None:
    running = gateway(NO_SILENT_APPROVAL)
    error = (await client.connect(running.ws_url, device=device, token=running.token))["error"]
    assert (error["code"], error["details"]["code"]) == ("NOT_PAIRED", "PAIRING_REQUIRED")
    await let_in(other, running, **CLI)
    (row,) = (await other.call("device.pair.list"))["pending"]
    assert row["requestId"] == error["details"]["requestId"]
    await other.call("device.pair.approve", requestId=row["requestId"])
    hello = await let_in(client, running, device=device)
    assert len(hello["auth"]["deviceToken"]) == 43


async def test_a_rotated_token_closes_the_old_connection_and_is_handed_to_its_device_only(
    gateway: GatewayFactory, client: OfficialClient, other: OfficialClient, device: Path
) -> None:
    running = gateway()
    hello = await let_in(client, running, device=device)
    await let_in(other, running, **CLI)
    (row,) = (await other.call("device.pair.list"))["paired"]
    answer = await other.call("device.token.rotate", deviceId=row["deviceId"], role="operator")
    assert (answer["tokenDelivery"], answer.get("token")) == ("withheld-cross-device", None)
    assert (await client.next("close"))["code"] == 4001
    stale = await client.connect(running.ws_url, deviceToken=hello["auth"]["deviceToken"], device=device)
    assert stale["error"]["details"]["code"] == "AUTH_DEVICE_TOKEN_MISMATCH"


async def test_a_revoked_token_is_refused_and_the_secret_gives_a_new_one(
    gateway: GatewayFactory, client: OfficialClient, other: OfficialClient, device: Path
) -> None:
    running = gateway()
    first = await let_in(client, running, device=device)
    await let_in(other, running, **CLI)
    (row,) = (await other.call("device.pair.list"))["paired"]
    await other.call("device.token.revoke", deviceId=row["deviceId"], role="operator")
    assert (await client.next("close"))["code"] == 4001
    error = (await client.connect(running.ws_url, device=device))["error"]
    assert error["details"]["code"] == "AUTH_DEVICE_TOKEN_MISMATCH"
    fresh = await let_in(client, running, device=device)
    assert fresh["auth"]["deviceToken"] != first["auth"]["deviceToken"]


async def test_a_signature_by_another_key_is_refused(
    station: Station, client: OfficialClient, device: Path, tmp_path: Path
) -> None:
    refused = await client.connect(
        station.gateway.ws_url, token=station.gateway.token, device=device, key=tmp_path / "other.json"
    )
    assert refused["error"]["details"]["code"] == "DEVICE_AUTH_SIGNATURE_INVALID"


def wrong_nonce(frame: Frame) -> Frame:
    if frame.get("event") == "connect.challenge":
        frame["payload"]["nonce"] = "00000000-0000-4000-8000-000000000000"
    return frame


def old_challenge(frame: Frame) -> Frame:
    if frame.get("event") == "connect.challenge":
        frame["payload"]["ts"] -= 600_000
    return frame


@pytest.mark.parametrize(
    ("meddle", "code"),
    [(wrong_nonce, "DEVICE_AUTH_NONCE_MISMATCH"), (old_challenge, "DEVICE_AUTH_SIGNATURE_EXPIRED")],
)
async def test_a_replayed_or_old_challenge_is_refused(
    station: Station, client: OfficialClient, device: Path, meddle: Meddle, code: str
) -> None:
    async with meddling(station.gateway.ws_url, meddle) as url:
        refused = await client.connect(url, token=station.gateway.token, device=device)
    assert refused["error"]["details"]["code"] == code


async def test_a_lost_event_is_noticed_and_the_history_heals_it(station: Station, client: OfficialClient) -> None:
    lost: list[Frame] = []

    def lose_one(frame: Frame) -> Frame | None:
        if frame.get("event") == "chat" and frame["payload"]["state"] == "delta" and not lost:
            lost.append(frame)
            return None
        return frame

    async with meddling(station.gateway.ws_url, lose_one) as url:
        await client.connect(url, token=station.gateway.token)
        await client.call("chat.send", sessionKey="gap", message="hello gap", idempotencyKey="gap")
        gap = await client.next("gap")
        assert gap == {"expected": lost[0]["seq"], "received": lost[0]["seq"] + 1}
        await client.next("event", event="chat.final")
        rows = (await client.call("chat.history", sessionKey="gap"))["messages"]
    assert [row["role"] for row in rows] == ["user", "assistant"]


async def test_it_comes_back_by_itself_after_a_restart(gateway: GatewayFactory, client: OfficialClient) -> None:
    running = gateway()
    first = await let_in(client, running)
    assert running.stop() == 0
    assert (await client.next("event", event="shutdown"))["payload"]["reason"] == "gateway stopping"
    assert await client.next("close") == {"code": 1012, "reason": "service restart"}
    running.start()
    second = await client.next("hello", past=1)
    assert second["server"]["connId"] != first["server"]["connId"]
    assert (await client.call("health"))["ok"] is True


async def test_a_silent_gateway_is_given_up_and_tried_again(station: Station, client: OfficialClient) -> None:
    """The client's own watch over ticks: a gateway that sends none is closed with 4000 and connected to anew."""

    def hurried(frame: Frame) -> Frame | None:
        if frame.get("event") == "tick":
            return None
        if frame.get("type") == "res" and "policy" in (frame.get("payload") or {}):
            frame["payload"]["policy"]["tickIntervalMs"] = 200
        return frame

    async with meddling(station.gateway.ws_url, hurried) as url:
        await client.connect(url, token=station.gateway.token, tickWatchMinIntervalMs=100, tickWatchTimeoutMs=500)
        assert await client.next("close") == {"code": 4000, "reason": "tick timeout"}
        await client.next("hello", past=1)
