"""The answer to `connect`: who may come in, with which scopes, from which snapshot."""

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.device_tokens import Issued
from clawfleet.access.gate import Admitted
from clawfleet.access.locality import Peer
from clawfleet.protocol.handshake import Connect, Refused, read_connect
from clawfleet.rpc.clients import Caller
from clawfleet.server.broadcast import EVENTS
from clawfleet.server.hello import auth_shape, caller_of, gate_of, hello_ok
from tests.unit.rpc.house import TOKEN, House, open_house

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


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    async with open_house(tmp_path) as made:
        yield made


async def test_who_was_let_in_is_a_caller_as_methods_see_it(house: House) -> None:
    admitted = Admitted("node", (), "token", "device-1")
    peer = Peer(REMOTE, {}, client="198.51.100.7")
    caller = caller_of(connect(caps=["tool-events"]), admitted, "conn-1", peer)
    assert (caller.role, caller.device_id, caller.auth_method) == ("node", "device-1", "token")
    assert (caller.address, caller.is_local, caller.caps) == ("198.51.100.7", False, ("tool-events",))


async def test_the_gate_of_a_house_knows_where_it_stands_and_who_is_in(house: House) -> None:
    gate = gate_of(house.gateway)
    shown = {"instanceId": "house", "port": 18789, "pid": 4711, "stateDir": "state"}
    assert gate.identity.shown == shown
    assert gate.identity.command == "openclaw"
    refused = await gate.admit(connect(auth={}), Peer(LOCAL, {}), "nonce")
    assert isinstance(refused, Refused)
    assert refused.details["gateway"] == shown
    assert gate.connected() == frozenset()


def test_a_device_is_told_its_token_and_nobody_else_any() -> None:
    caller = Caller("conn-1", connect().params.client, ("operator.read",), True, auth_method="device-token")
    plain = {"method": "device-token", "role": "operator", "scopes": ["operator.read"]}
    assert auth_shape(caller, None) == plain
    told = auth_shape(caller, Issued("value", ("operator.read",), 7))
    assert told == plain | {"deviceToken": "value", "issuedAtMs": 7}


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


async def test_a_client_of_the_seeds_time_is_spoken_to_in_its_protocol(house: House) -> None:
    assert (await hello(house, minProtocol=3, maxProtocol=3))["protocol"] == 3
