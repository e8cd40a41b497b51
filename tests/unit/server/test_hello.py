"""The answer to `connect`: who may come in, with which scopes, from which snapshot."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.locality import Peer
from clawfleet.protocol.handshake import Connect, Refused, read_connect
from clawfleet.rpc.clients import Caller
from clawfleet.server.broadcast import EVENTS
from clawfleet.server.hello import admit, hello_ok
from tests.unit.rpc.house import TOKEN, House, auth, open_house

LOCAL, REMOTE = "127.0.0.1", "203.0.113.9"
CLIENTS = {
    "cli": {"id": "cli", "mode": "cli"},
    "backend": {"id": "gateway-client", "mode": "backend"},
    "probe": {"id": "cli", "mode": "probe"},
    "page": {"id": "openclaw-control-ui", "mode": "webchat"},
    "tui": {"id": "openclaw-tui", "mode": "ui"},
}
EVERYTHING = ("operator.admin", "operator.read", "made.up")


def connect(client: str = "cli", **over: Any) -> Connect:
    params: dict[str, Any] = {
        "minProtocol": 4,
        "maxProtocol": 4,
        "client": {"version": "1", "platform": "linux", **CLIENTS[client]},
        "scopes": list(EVERYTHING),
        "auth": {"token": TOKEN},
    }
    read = read_connect(json.dumps({"type": "req", "id": "1", "method": "connect", "params": params | over}))
    assert isinstance(read, Connect), read
    return read


def verdict(
    house: House,
    asked: Connect,
    *,
    address: str = LOCAL,
    headers: Mapping[str, str] | None = None,
    authority: GatewayAuth | None = None,
) -> Caller | Refused:
    peer = Peer(address, {"host": "127.0.0.1:18789", **(headers or {})})
    return admit(asked, "conn-1", peer, authority or auth(), house.gateway)


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    async with open_house(tmp_path) as made:
        yield made


@pytest.mark.parametrize("client", ["cli", "backend"])
def test_who_is_on_this_machine_and_knows_the_token_keeps_the_scopes_it_asks_for(house: House, client: str) -> None:
    caller = verdict(house, connect(client))
    assert isinstance(caller, Caller)
    assert (caller.scopes, caller.is_local, caller.conn_id) == (EVERYTHING, True, "conn-1")


@pytest.mark.parametrize(("client", "address"), [("probe", LOCAL), ("cli", REMOTE), ("backend", REMOTE)])
def test_a_probe_and_a_remote_client_without_a_device_come_in_without_scopes(
    house: House, client: str, address: str
) -> None:
    caller = verdict(house, connect(client), address=address)
    assert isinstance(caller, Caller)
    assert caller.scopes == ()


@pytest.mark.parametrize(
    "shown",
    [{"token": TOKEN}, {"password": TOKEN}, {"token": TOKEN, "password": "other"}, {"token": "x", "password": TOKEN}],
)
def test_the_secret_counts_in_either_field(house: House, shown: dict[str, str]) -> None:
    assert isinstance(verdict(house, connect(auth=shown)), Caller)


def test_a_wrong_secret_is_refused_with_what_to_do_next(house: House) -> None:
    refused = verdict(house, connect(auth={"token": "wrong"}))
    assert isinstance(refused, Refused)
    assert (refused.close_code, refused.code, refused.request_id) == (1008, "INVALID_REQUEST", "1")
    assert refused.message == (
        "unauthorized: gateway token mismatch (use this gateway's gateway.auth.token or pair the device)"
    )
    assert refused.details == {
        "code": "AUTH_TOKEN_MISMATCH",
        "authReason": "token_mismatch",
        "canRetryWithDeviceToken": False,
        "recommendedNextStep": "update_auth_credentials",
    }


@pytest.mark.parametrize("client", ["cli", "backend", "tui", "probe"])
def test_who_shows_nothing_at_all_is_asked_for_its_identity(house: House, client: str) -> None:
    """Real command lines take this very answer as the sign of a gateway that is alive."""
    refused = verdict(house, connect(client, auth={}))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.message) == ("NOT_PAIRED", "device identity required")
    assert refused.details == {"code": "DEVICE_IDENTITY_REQUIRED"}


def test_a_page_that_shows_nothing_is_told_where_the_token_goes(house: House) -> None:
    refused = verdict(house, connect("page", auth={}), headers={"origin": "http://127.0.0.1:18789"})
    assert isinstance(refused, Refused)
    assert refused.details["code"] == "AUTH_TOKEN_MISSING"
    assert "paste in Control UI settings" in refused.message


@pytest.mark.parametrize(
    ("client", "origin", "address", "comes_in"),
    [
        ("page", "http://127.0.0.1:18789", LOCAL, True),
        ("page", "http://localhost:5173", LOCAL, True),
        ("page", None, LOCAL, False),
        ("page", "null", LOCAL, False),
        ("page", "https://evil.example", LOCAL, False),
        ("page", "http://localhost:5173", REMOTE, False),
        ("cli", "https://evil.example", LOCAL, False),
        ("cli", None, LOCAL, True),
    ],
)
def test_pages_of_strangers_are_turned_away_before_their_token_is_looked_at(
    house: House, client: str, origin: str | None, address: str, comes_in: bool
) -> None:
    headers = {"origin": origin} if origin else {}
    for shown in ({"token": TOKEN}, {"token": "wrong"}):
        found = verdict(house, connect(client, auth=shown), address=address, headers=headers)
        if comes_in:
            assert isinstance(found, Caller) == (shown["token"] == TOKEN)
            continue
        assert isinstance(found, Refused)
        assert found.details["code"] == "CONTROL_UI_ORIGIN_NOT_ALLOWED"
        assert found.message.startswith("origin not allowed (open the Control UI from the gateway host")
        wanted = "origin missing or invalid" if origin in (None, "null") else "origin not allowed"
        assert found.details["reason"] == wanted


async def test_a_listed_page_comes_in_from_anywhere(tmp_path: Path) -> None:
    config = {"gateway": {"controlUi": {"allowedOrigins": ["https://panel.example.com"]}}}
    async with open_house(tmp_path, config) as house:
        headers = {"origin": "https://panel.example.com"}
        assert isinstance(verdict(house, connect("page"), address=REMOTE, headers=headers), Caller)


async def hello(house: House, *scopes: str, **over: Any) -> dict[str, Any]:
    asked = connect(**over)
    caller = Caller("conn-1", asked.params.client, scopes, True)
    return await hello_ok(house.gateway, caller, asked, ["health", "status"], {"presence": 3, "health": 7})


async def test_an_administrator_sees_everything(house: House) -> None:
    said = await hello(house, "operator.admin")
    assert (said["type"], said["protocol"]) == ("hello-ok", 4)
    assert said["server"] == {"version": "1.2.3", "bootId": "boot-1", "connId": "conn-1"}
    assert said["features"]["methods"] == ["health", "status"]
    assert said["features"]["events"] == list(EVENTS)
    assert "published-model-catalog" in said["features"]["capabilities"]
    snapshot = said["snapshot"]
    assert snapshot["stateVersion"] == {"presence": 3, "health": 7}
    assert [row["mode"] for row in snapshot["presence"]] == ["gateway"]
    assert snapshot["health"]["ok"] is True
    assert snapshot["sessionDefaults"]["mainSessionKey"] == "agent:main:main"
    assert snapshot["configPath"].endswith("openclaw.json")
    assert (snapshot["authMode"], snapshot["stateDir"]) == ("token", str(house.gateway.instance.state_dir))
    assert said["auth"] == {"method": "token", "role": "operator", "scopes": ["operator.admin"]}
    assert said["policy"]["maxPayload"] == 26_214_400
    assert said["policy"]["maxBufferedBytes"] == 52_428_800
    assert said["policy"]["tickIntervalMs"] == 30_000
    assert TOKEN not in json.dumps(said)


async def test_a_reader_sees_who_is_in_but_no_paths(house: House) -> None:
    snapshot = (await hello(house, "operator.read"))["snapshot"]
    assert snapshot["presence"]
    assert not {"configPath", "stateDir", "authMode"} & set(snapshot)


async def test_who_has_no_scope_sees_nearly_nothing(house: House) -> None:
    said = await hello(house)
    assert (said["snapshot"]["presence"], said["snapshot"]["health"]) == ([], {})
    assert said["auth"]["scopes"] == []


async def test_a_client_of_the_seeds_time_is_spoken_to_in_its_protocol(house: House) -> None:
    assert (await hello(house, minProtocol=3, maxProtocol=3))["protocol"] == 3
