"""Every way in which a client is turned away, over a real socket: the answer, its details, the hint, and the close."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from clawfleet.access import failures
from clawfleet.access.device_records import Ask, Traits
from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.protocol.device import device_id_of
from tests.support.device import DeviceKey
from tests.support.protocol_client import CLI, ProtocolClient, open_socket
from tests.unit.rpc.house import TOKEN, until
from tests.unit.server.served import Served, serve

PAGE = {"id": "openclaw-control-ui", "version": "1", "platform": "web", "mode": "webchat"}
TUI = {"id": "openclaw-tui", "version": "1", "platform": "linux", "mode": "ui"}
NODE = {"id": "node-host", "version": "1", "platform": "linux", "mode": "node"}
READ, ADMIN = "operator.read", "operator.admin"
KEY = DeviceKey("table")


@dataclass(frozen=True)
class Row:
    """What a client sends, and what it must hear. `reason` None: the close says the message."""

    name: str
    message: str
    detail: str | None
    code: str = "INVALID_REQUEST"
    close: int = 1008
    hint: str | None = None
    reason: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    token: str | None = TOKEN
    key: DeviceKey | None = None
    spoil: Callable[[dict[str, Any]], dict[str, Any]] = dict
    over: dict[str, Any] = field(default_factory=dict)
    origin: str | None = None
    remote: bool = False


def spoilt(**change: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda device: device | change


TOKEN_HINT = "this gateway's secret is in the link of: openclaw dashboard"
USE = "use this gateway's gateway.auth.token or pair the device"
ROWS = [
    Row("no device and no secret", "device identity required", "DEVICE_IDENTITY_REQUIRED", "NOT_PAIRED",
        token=None, hint="openclaw dashboard"),
    Row("a node without a device", "device identity required", "DEVICE_IDENTITY_REQUIRED", "NOT_PAIRED",
        over={"role": "node", "client": NODE}, hint="openclaw dashboard"),
    Row("a terminal UI without a device",
        "control ui requires device identity (use HTTPS or localhost secure context)",
        "CONTROL_UI_DEVICE_IDENTITY_REQUIRED", over={"client": TUI}, hint="openclaw dashboard"),
    Row("a wrong token", f"unauthorized: gateway token mismatch ({USE})", "AUTH_TOKEN_MISMATCH", token="no",
        hint=TOKEN_HINT, more={"authReason": "token_mismatch", "canRetryWithDeviceToken": False,
                               "recommendedNextStep": "update_auth_credentials"}),
    Row("a wrong token with a device", f"unauthorized: gateway token mismatch ({USE})", "AUTH_TOKEN_MISMATCH",
        token="no", key=KEY, more={"canRetryWithDeviceToken": True,
                                   "recommendedNextStep": "retry_with_device_token"}),
    Row("a device without a secret", f"unauthorized: gateway token missing ({USE})", "AUTH_TOKEN_MISSING",
        token=None, key=KEY, more={"authReason": "token_missing",
                                   "recommendedNextStep": "update_auth_configuration"}),
    Row("a page with a wrong token",
        "unauthorized: gateway token mismatch (open the dashboard URL and paste the token in Control UI settings)",
        "AUTH_TOKEN_MISMATCH", token="no", key=KEY, over={"client": PAGE}, origin="own"),
    Row("a page without a token",
        "unauthorized: gateway token missing "
        "(paste in Control UI settings or openclaw doctor --generate-gateway-token; restart)",
        "AUTH_TOKEN_MISSING", token=None, key=KEY, over={"client": PAGE}, origin="own"),
    Row("a stale device token", "unauthorized: device token mismatch (rotate/reissue device token)",
        "AUTH_DEVICE_TOKEN_MISMATCH", token=None, key=KEY, over={"auth": {"deviceToken": "stale"}},
        hint="forget it and open a page with a fresh link: openclaw dashboard",
        more={"authReason": "device_token_mismatch", "recommendedNextStep": "update_auth_credentials"}),
    Row("a used setup code",
        "unauthorized: setup code invalid, expired, revoked, or already used "
        "(create a new code; review `openclaw devices list`)",
        "AUTH_BOOTSTRAP_TOKEN_INVALID", token=None, key=KEY, over={"auth": {"bootstrapToken": "used"}}),
    Row("a signature by another key", "device signature invalid", "DEVICE_AUTH_SIGNATURE_INVALID", key=KEY,
        spoil=spoilt(signature="A" * 86), more={"reason": "device-signature"}, hint="openclaw dashboard"),
    Row("an old signature", "device signature expired", "DEVICE_AUTH_SIGNATURE_EXPIRED", key=KEY,
        spoil=spoilt(signedAt=1), more={"reason": "device-signature-stale"}, hint="set the clock"),
    Row("a blank nonce", "device nonce required", "DEVICE_AUTH_NONCE_REQUIRED", key=KEY, spoil=spoilt(nonce=""),
        more={"reason": "device-nonce-missing"}, hint="connect.challenge"),
    Row("the nonce of another gateway", "device nonce mismatch", "DEVICE_AUTH_NONCE_MISMATCH", key=KEY,
        spoil=spoilt(nonce="other"), more={"reason": "device-nonce-mismatch"}, hint="connect.challenge"),
    Row("the id of another device", "device identity mismatch", "DEVICE_AUTH_DEVICE_ID_MISMATCH", key=KEY,
        spoil=spoilt(id="0" * 64), more={"reason": "device-id-mismatch"}, hint="openclaw dashboard"),
    Row("a key that is none", "device public key invalid", "DEVICE_AUTH_PUBLIC_KEY_INVALID", key=KEY,
        spoil=spoilt(publicKey="YWJj", id=device_id_of(b"abc")), more={"reason": "device-public-key"}),
    Row("a page of a stranger",
        "origin not allowed (open the Control UI from the gateway host or allow it in "
        "gateway.controlUi.allowedOrigins)",
        "CONTROL_UI_ORIGIN_NOT_ALLOWED", origin="https://evil.example", more={"reason": "origin not allowed"},
        hint="openclaw config set gateway.controlUi.allowedOrigins '[\"https://evil.example\"]'"),
    Row("a page without an origin",
        "origin not allowed (open the Control UI from the gateway host or allow it in "
        "gateway.controlUi.allowedOrigins)",
        "CONTROL_UI_ORIGIN_NOT_ALLOWED", over={"client": PAGE}, more={"reason": "origin missing or invalid"}),
    Row("protocols of the future", "protocol mismatch", "PROTOCOL_MISMATCH", close=1002,
        over={"minProtocol": 5, "maxProtocol": 6},
        more={"clientMinProtocol": 5, "clientMaxProtocol": 6, "expectedProtocol": 4, "minimumProbeProtocol": 3}),
    Row("an unknown role", "invalid role", None, over={"role": "emperor"}),
    Row("an unknown client", "invalid connect params: at /client/id: must be equal to one of the allowed values", None,
        over={"client": {**CLI, "id": "my-app"}}),
    Row("an unknown property", "invalid connect params: at root: unexpected property 'foo'", None, over={"foo": 1}),
    Row("no client", "invalid connect params: at /client: must be object", None, over={"client": None}),
    Row("a device without its nonce", "invalid connect params: at /device: must have required property 'nonce'", None,
        key=KEY, spoil=lambda device: {name: value for name, value in device.items() if name != "nonce"}),
    Row("a new device from afar", "pairing required: device is not approved yet", "PAIRING_REQUIRED", "NOT_PAIRED",
        key=DeviceKey("afar"), remote=True, hint="openclaw devices approve ", reason="(requestId: ",
        more={"reason": "not-paired", "requestedRole": "operator", "requestedScopes": [ADMIN],
              "remediationHint": "Approve this device from the pending pairing requests."}),
    Row("a known device with another role",
        "pairing required: device is asking for a higher role than currently approved", "PAIRING_REQUIRED",
        "NOT_PAIRED", key=KEY, remote=True, over={"role": "node", "client": NODE, "scopes": []},
        reason="(requestId: ", more={"reason": "role-upgrade", "approvedRoles": ["operator"]}),
    Row("a known device with more scopes",
        "pairing required: device is asking for more scopes than currently approved", "PAIRING_REQUIRED",
        "NOT_PAIRED", key=KEY, remote=True, reason="(requestId: ",
        more={"reason": "scope-upgrade", "approvedScopes": [READ]}),
    Row("a known device on another platform", "pairing required: device identity changed and must be re-approved",
        "PAIRING_REQUIRED", "NOT_PAIRED", key=KEY, over={"client": {**CLI, "platform": "darwin"}},
        reason="(requestId: ", more={"reason": "metadata-upgrade"}),
    Row("a wrong token from afar",
        "unauthorized: gateway token mismatch (set gateway.remote.token to match gateway.auth.token)",
        "AUTH_TOKEN_MISMATCH", token="no", remote=True),
]  # fmt: skip


def lan_address() -> str | None:
    """An address of this machine that is not loopback, None where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    lan = lan_address()
    async with serve(tmp_path, hosts=("127.0.0.1", lan) if lan else ("127.0.0.1",)) as made:
        known = Ask(KEY.id, "operator", (READ,), Traits(KEY.public_key, "linux", None, "cli", "cli"))
        await made.house.gateway.devices.approve_at_once(known, "owner", frozenset())
        yield made


def url_of(served: Served, *, remote: bool) -> str:
    if not remote:
        return served.ws_url
    lan = lan_address()
    if lan is None:
        pytest.skip("this machine has no address but loopback")
    return f"ws://{lan}:{served.port}"


async def ask(client: ProtocolClient, row: Row) -> dict[str, Any]:
    params: dict[str, Any] = {"minProtocol": 4, "maxProtocol": 4, "client": CLI, "scopes": [ADMIN]}
    params |= ({"auth": {"token": row.token}} if row.token else {}) | row.over
    if row.key is not None:
        params["device"] = row.spoil(row.key.sign(params, client.nonce))
    return await client.request("connect", params)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
async def test_every_refusal_has_its_words_its_details_and_its_close(served: Served, row: Row) -> None:
    origin = served.url if row.origin == "own" else row.origin
    async with open_socket(url_of(served, remote=row.remote), origin=origin) as client:
        error = (await ask(client, row))["error"]
        code, reason = await client.closed()
    assert (error["message"], error["code"], code) == (row.message, row.code, row.close)
    details = error.get("details", {})
    assert details.get("code") == row.detail
    assert {name: details.get(name) for name in row.more} == row.more
    assert reason.startswith(row.message[:120])
    assert (row.reason or "") in reason
    assert len(reason.encode()) <= 123
    if row.detail not in (None, "PROTOCOL_MISMATCH"):
        assert (row.hint or "") in details["hint"]
        assert details["gateway"] == {"instanceId": "house", "port": served.port, "pid": 4711, "stateDir": "state"}
    assert TOKEN not in json.dumps(error)


@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [
        ("this is not JSON", 1000, ""),
        ('{"type":"event","event":"x"}', 1008, "invalid request frame"),
        ('{"type":"req","id":"1","method":"health"}', 1008, "invalid handshake: first request must be connect"),
        ("x" * 65_537, 1009, None),
    ],
)
async def test_a_first_frame_that_is_no_connect(served: Served, frame: str, code: int, reason: str | None) -> None:
    async with served.open() as client:
        await client.send(frame)
        end = await client.closed()
    assert end[0] == code
    assert reason in (None, end[1])


async def test_a_worker_has_no_business_here(served: Served) -> None:
    async with served.open() as client:
        params = {"minProtocol": 4, "maxProtocol": 4, "client": CLI, "role": "worker", "auth": {"token": TOKEN}}
        await client.send({"type": "req", "id": "1", "method": "connect", "params": params})
        assert await client.closed() == (1008, "invalid-handshake")
        assert len(client.frames) == 1


async def test_a_proxy_nobody_trusts_is_turned_away_before_the_upgrade(served: Served) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with served.open(headers={"X-Forwarded-For": "203.0.113.9"}):
            pass
    assert caught.value.response.status_code == 403
    body = json.loads(caught.value.response.body or b"")
    assert body["error"]["type"] == "proxy_attribution_required"


async def test_who_talks_before_he_is_in_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "FIRST_DELAY_MS", failures.LONGEST_DELAY_MS)  # the refusal must not come first
    async with serve(tmp_path) as served, served.open() as client:
        params = {"minProtocol": 4, "maxProtocol": 4, "client": CLI, "auth": {"token": "wrong"}}
        await client.send({"type": "req", "id": "c", "method": "connect", "params": params})
        for number in range(40):
            await client.send({"type": "req", "id": f"{number}", "method": "health"})
        assert await client.closed() == (1008, "too many pending handshake frames")


async def test_what_is_said_a_little_early_is_answered(served: Served) -> None:
    async with served.open() as client:
        params = {"minProtocol": 4, "maxProtocol": 4, "client": CLI, "auth": {"token": TOKEN}}
        await client.send({"type": "req", "id": "c", "method": "connect", "params": params})
        for number in range(10):
            await client.send({"type": "req", "id": f"h{number}", "method": "health"})
        for number in range(10):
            answer = await client.wait(lambda frame, name=f"h{number}": frame.get("id") == name)  # type: ignore[misc]
            assert answer["ok"]


async def test_eleven_guesses_from_afar_are_one_too_many(tmp_path: Path) -> None:
    lan = lan_address()
    if lan is None:
        pytest.skip("this machine has no address but loopback")
    async with serve(tmp_path, hosts=("127.0.0.1", lan)) as served:
        url = f"ws://{lan}:{served.port}"
        for _ in range(10):
            async with open_socket(url) as client:
                assert (await client.connect("no"))["error"]["details"]["code"] == "AUTH_TOKEN_MISMATCH"
        for shown in ("no", TOKEN):
            async with open_socket(url) as client:
                error = (await client.connect(shown))["error"]
                assert error["message"] == "unauthorized: too many failed authentication attempts (retry later)"
                assert error["retryable"] is True
                assert 290_000 < error["retryAfterMs"] <= 300_000
                assert await client.closed() == (1008, error["message"])
        async with served.connect() as here:
            assert (await here.call("health"))["ok"]


async def test_a_guess_on_this_machine_waits_for_its_answer(served: Served) -> None:
    started = time.monotonic()
    for _ in range(2):
        async with served.open() as client:
            await client.connect("no")
    assert time.monotonic() - started >= 0.75
    async with served.connect() as client:
        assert (await client.call("health"))["ok"]


async def test_a_device_that_is_approved_comes_in_and_is_cut_off_when_it_is_revoked(served: Served) -> None:
    """From the request to the revocation, as an operator sees it."""
    key, url = DeviceKey("whole way"), url_of(served, remote=True)
    async with served.connect() as operator:
        async with open_socket(url) as client:
            refused = (await client.connect(TOKEN, key=key, scopes=[READ, "operator.pairing"]))["error"]
        asked = await operator.wait(lambda frame: frame.get("event") == "device.pair.requested")
        assert asked["payload"]["requestId"] == refused["details"]["requestId"]
        await operator.call("device.pair.approve", requestId=asked["payload"]["requestId"])
        async with open_socket(url) as client:
            hello = (await client.connect(TOKEN, key=key, scopes=[READ, "operator.pairing"]))["payload"]
        token = hello["auth"]["deviceToken"]
        assert len(token) == 43
        assert hello["auth"]["method"] == "token"
        async with open_socket(url) as client:
            again = await client.connect(token, key=key, scopes=[READ, "operator.pairing"])
            assert (again["payload"]["auth"]["method"], again["payload"]["auth"]["deviceToken"]) == (
                "device-token",
                token,
            )
            rotated = await client.call("device.token.rotate", deviceId=key.id, role="operator")
            assert await client.closed() == (4001, "device removed")
        async with open_socket(url) as client:
            assert (await client.connect(rotated["token"], key=key, scopes=[READ]))["ok"]
            await operator.call("device.token.revoke", deviceId=key.id, role="operator")
            assert await client.closed() == (4001, "device removed")
        await until(lambda: len(served.broadcast) == 1)
        async with open_socket(url) as client:
            stale = {"deviceToken": rotated["token"]}
            error = (await client.connect(None, key=key, auth=stale, scopes=[READ]))["error"]
            assert error["details"]["code"] == "AUTH_DEVICE_TOKEN_MISMATCH"


async def test_a_node_host_gets_past_connect(served: Served) -> None:
    async with served.open() as client:
        commands = ["system.run", "system.which"]
        over: dict[str, Any] = {"role": "node", "client": NODE, "scopes": [], "caps": [], "commands": commands}
        hello = (await client.connect(TOKEN, key=DeviceKey("node"), **over))["payload"]
        assert (hello["auth"]["role"], hello["auth"]["scopes"]) == ("node", [])
        assert len(hello["auth"]["deviceToken"]) == 43
        error = (await client.request("status"))["error"]
        assert error["message"] == "unauthorized role: node"


async def test_without_auth_hello_says_so(tmp_path: Path) -> None:
    async with serve(tmp_path, authority=GatewayAuth("none")) as served, served.open() as client:
        hello = (await client.connect(None, key=DeviceKey("none"), scopes=[READ]))["payload"]
        assert (hello["auth"]["method"], hello["auth"]["scopes"]) == ("none", [READ])
