"""Everything that a client can get wrong, over real sockets: each has its answer, its code and its close."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.integration.conftest import Station
from tests.support.device import DeviceKey
from tests.support.gateway import GatewayFactory
from tests.support.protocol_client import CLI, connected, open_socket

PAGE = {"id": "openclaw-control-ui", "version": "1", "platform": "Linux", "mode": "webchat"}
KIB, MIB = 1024, 1024 * 1024


@pytest.mark.parametrize(
    ("over", "token", "error", "close"),
    [
        ({}, "wrong", {"code": "INVALID_REQUEST", "details.code": "AUTH_TOKEN_MISMATCH"}, 1008),
        ({}, None, {"code": "NOT_PAIRED", "message": "device identity required"}, 1008),
        ({"minProtocol": 5, "maxProtocol": 6}, "right",
         {"code": "INVALID_REQUEST", "message": "protocol mismatch", "details.expectedProtocol": 4}, 1002),
        ({"client": {**CLI, "id": "nobody"}}, "right",
         {"message": "invalid connect params: at /client/id: must be equal to one of the allowed values"}, 1008),
        ({"client": None}, "right", {"message": "invalid connect params: at /client: must be object"}, 1008),
        ({"foo": 1}, "right", {"message": "invalid connect params: at root: unexpected property 'foo'"}, 1008),
        ({"role": "emperor"}, "right", {"message": "invalid role"}, 1008),
        ({"client": PAGE}, "right", {"details.code": "CONTROL_UI_ORIGIN_NOT_ALLOWED"}, 1008),
    ],
)  # fmt: skip
async def test_a_connect_that_is_refused_is_answered_and_then_closed(
    station: Station, over: dict[str, Any], token: str | None, error: dict[str, Any], close: int
) -> None:
    shown = station.gateway.token if token == "right" else token
    async with open_socket(station.gateway.ws_url) as client:
        refused = (await client.connect(shown, **over))["error"]
        code, reason = await client.closed()
    flat = {**refused, **{f"details.{key}": value for key, value in refused.get("details", {}).items()}}
    assert {key: flat[key] for key in error} == error
    assert (code, reason) == (close, refused["message"][:120])


@pytest.mark.parametrize(
    ("frame", "code", "reason", "is_answered"),
    [
        ("this is not JSON", 1000, "", False),
        ('{"type":"event","event":"x"}', 1008, "invalid request frame", False),
        ("[1]", 1008, "invalid request frame", False),
        ('{"type":"req","id":"1","method":"health"}', 1008, "invalid handshake: first request must be connect", True),
        ("x" * (64 * KIB + 1), 1009, None, False),
        ("[" * 60_000, 1000, "", False),
    ],
)
async def test_a_first_frame_that_is_no_connect_closes_the_socket(
    station: Station, frame: str, code: int, reason: str | None, is_answered: bool
) -> None:
    async with open_socket(station.gateway.ws_url) as client:
        await client.send(frame)
        end = await client.closed()
    assert end[0] == code
    assert reason in (None, end[1])
    assert (len(client.frames) == 2) is is_answered


async def test_a_big_frame_is_for_those_who_are_known(station: Station) -> None:
    async with station.connect() as client:
        await client.send({"type": "req", "id": "big", "method": "health", "params": {"padding": "x" * (20 * MIB)}})
        assert (await client.wait(lambda frame: frame.get("id") == "big"))["ok"]
        with suppress(ConnectionClosed):
            await client.send("x" * (25 * MIB + 1))
        assert (await client.closed())[0] == 1009
    async with station.connect() as client:
        assert (await client.call("health"))["ok"]


async def test_wrong_requests_are_told_what_is_wrong_and_the_socket_lives_on(station: Station) -> None:
    async with station.connect() as client:
        for method, params, code, message in (
            ("no.such.method", {}, "INVALID_REQUEST", "unknown method: no.such.method"),
            ("chat.send", {"sessionKey": "x", "message": "y"}, "INVALID_REQUEST",
             "invalid chat.send params: must have required property 'idempotencyKey'"),
            ("chat.send", None, "INVALID_REQUEST",
             "invalid chat.send params: must have required property 'sessionKey'"),
            ("chat.history", {"sessionKey": "x", "limit": 0}, "INVALID_REQUEST",
             "invalid chat.history params: at /limit: must be >= 1"),
            ("sessions.list", {"bogus": 1}, "INVALID_REQUEST",
             "invalid sessions.list params: at root: unexpected property 'bogus'"),
            ("connect", {}, "INVALID_REQUEST", "connect is only valid as the first request"),
            ("agent", {"message": "x", "idempotencyKey": "k", "agentId": "nope"}, "INVALID_REQUEST",
             'invalid agent params: unknown agent id "nope"'),
        ):  # fmt: skip
            error = (await client.request(method, params))["error"]
            assert (error["code"], error["message"]) == (code, message)
        await client.send("{broken")
        await client.send('{"type":"req","method":"health"}')
        assert (await client.wait(lambda frame: frame.get("id") == "invalid"))["error"]["code"] == "INVALID_REQUEST"
        assert (await client.call("health"))["ok"]


@pytest.mark.parametrize(
    ("scopes", "method", "missing"),
    [
        ([], "status", "operator.read"),
        ([], "no.such.method", "operator.admin"),
        (["operator.read"], "chat.send", "operator.write"),
        (["operator.write"], "channels.pairing.list", "operator.pairing"),
        (["made.up"], "chat.history", "operator.read"),
    ],
)
async def test_who_may_not_is_told_which_scope_is_missing(
    station: Station, scopes: list[str], method: str, missing: str
) -> None:
    async with station.connect(scopes=scopes) as client:
        error = (await client.request(method, {}))["error"]
    assert (error["code"], error["message"]) == ("FORBIDDEN", f"missing scope: {missing}")
    assert error["details"] == {"code": "MISSING_SCOPE", "missingScope": missing, "requiredScopes": [missing]}


async def test_a_probe_comes_in_but_may_nothing_but_look(station: Station) -> None:
    async with station.connect(client={**CLI, "mode": "probe"}, minProtocol=3) as client:
        assert (await client.call("health"))["ok"]
        assert (await client.request("status", {}))["error"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("origin", "comes_in"),
    [("own", True), ("http://localhost:5173", True), ("http://[::1]:9", True), ("https://evil.example", False),
     ("null", False), ("http://127.0.0.1.evil.example", False)],
)  # fmt: skip
async def test_only_pages_of_this_machine_come_in(station: Station, origin: str, comes_in: bool) -> None:
    sent = station.gateway.url if origin == "own" else origin
    async with open_socket(station.gateway.ws_url, origin=sent) as client:
        answer = await client.connect(station.gateway.token, client=PAGE, key=DeviceKey())
        if comes_in:
            assert answer["ok"], answer
            assert (await client.call("health"))["ok"]
            return
        assert answer["error"]["details"]["code"] == "CONTROL_UI_ORIGIN_NOT_ALLOWED"
        assert (await client.closed())[0] == 1008


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"])
async def test_a_forwarded_upgrade_is_refused_before_it_is_one(station: Station, header: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with open_socket(station.gateway.ws_url, headers={header: "10.0.0.1"}):
            pass
    assert caught.value.response.status_code == 403
    assert json.loads(caught.value.response.body or b"")["error"]["type"] == "proxy_attribution_required"


async def test_the_33rd_socket_that_shows_nothing_is_refused_until_one_leaves(gateway: GatewayFactory) -> None:
    running = gateway()
    async with AsyncExitStack() as crowd:
        first = await crowd.enter_async_context(open_socket(running.ws_url))
        for _ in range(31):
            await crowd.enter_async_context(open_socket(running.ws_url))
        with pytest.raises(InvalidStatus) as caught:
            async with open_socket(running.ws_url):
                pass
        assert caught.value.response.status_code == 503
        assert b"too many unauthenticated sockets" in (caught.value.response.body or b"")
        assert (await first.connect(running.token))["ok"]
        async with connected(running.ws_url, running.token) as client:
            assert (await client.call("health"))["ok"]


async def test_who_says_nothing_is_closed_in_time(gateway: GatewayFactory) -> None:
    running = gateway(env={"OPENCLAW_HANDSHAKE_TIMEOUT_MS": "2000"})
    async with open_socket(running.ws_url) as silent, connected(running.ws_url, running.token) as known:
        assert await silent.closed() == (1000, "")
        assert (await known.call("health"))["ok"]


async def test_the_gateways_word_about_a_wrong_token_holds_no_token(station: Station) -> None:
    async with open_socket(station.gateway.ws_url) as client:
        frame = await client.connect("a-guess-that-must-not-be-kept")
    assert station.gateway.token not in json.dumps(frame)
    log = station.gateway.log_file.read_text()
    assert "refused a client" in log
    assert "a-guess-that-must-not-be-kept" not in log + station.gateway.log()
    assert station.gateway.token not in log
