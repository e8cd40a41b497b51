"""`device.*` as clients see it: rows, approvals, tokens, and who may manage whom."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.device_records import Ask, Traits
from clawfleet.rpc.clients import Caller
from tests.unit.rpc.house import CLI, House, open_house

READ, PAIRING, ADMIN = "operator.read", "operator.pairing", "operator.admin"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as made:
        yield made


def ask(device: str, *scopes: str, role: str = "operator") -> Ask:
    return Ask(device, role, scopes, Traits("key", "linux", "Linux", "cli", "cli", "Laptop", "198.51.100.7"))


def device_caller(device: str, *scopes: str, method: str = "device-token") -> Caller:
    return Caller("conn-2", CLI, scopes, True, device_id=device, auth_method=method)


class Ear:
    """A connected client that keeps what it is told."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.heard: list[str] = []
        self.end: tuple[int, str] | None = None

    def post(self, head: str, *, droppable: bool = False) -> None:
        self.heard.append(head)

    def put(self, frame: str) -> None:
        self.heard.append(frame)

    def close(self, code: int, reason: str) -> None:
        self.end = (code, reason)


async def pair(house: House, device: str, *scopes: str) -> Any:
    return await house.gateway.devices.approve_at_once(ask(device, *scopes), "silent", frozenset())


async def test_who_waits_and_who_is_paired_is_listed_without_secrets(house: House) -> None:
    await pair(house, "d1", READ)
    request = await house.gateway.devices.request(ask("d2", READ), is_repair=False)
    listed = await house.call("device.pair.list")
    (waiting,), (paired,) = listed["pending"], listed["paired"]
    assert waiting == {
        "requestId": request.request_id, "deviceId": "d2", "publicKey": "key", "displayName": "Laptop",
        "platform": "linux", "deviceFamily": "Linux", "clientId": "cli", "clientMode": "cli", "role": "operator",
        "roles": ["operator"], "scopes": [READ], "remoteIp": "198.51.100.7", "silent": False, "isRepair": False,
        "ts": request.at_ms,
    }  # fmt: skip
    assert (paired["deviceId"], paired["approvedVia"], paired["connected"]) == ("d1", "silent", False)
    (token,) = paired["tokens"]
    assert set(token) == {"role", "scopes", "createdAtMs"}


async def test_an_approval_and_a_rejection_are_told_to_those_who_manage_devices(house: House) -> None:
    manager, reader = Ear(house.caller(PAIRING)), Ear(Caller("conn-3", CLI, (READ,), True))
    house.broadcast.join(manager)
    house.broadcast.join(reader)
    first = await house.gateway.devices.request(ask("d1", READ), is_repair=False)
    approved = await house.call("device.pair.approve", requestId=first.request_id)
    assert approved["requestId"] == first.request_id
    assert (approved["device"]["deviceId"], approved["device"]["approvedVia"]) == ("d1", "owner")
    assert "connected" not in approved["device"]
    second = await house.gateway.devices.request(ask("d2", READ), is_repair=False)
    rejected = await house.call("device.pair.reject", requestId=second.request_id)
    assert rejected == {"requestId": second.request_id, "deviceId": "d2"}
    names = [head.split('"event":"')[1].split('"')[0] for head in manager.heard]
    assert names == [
        "device.pair.requested", "device.pair.resolved", "device.pair.changed",
        "device.pair.requested", "device.pair.resolved",
    ]  # fmt: skip
    assert '"decision":"rejected"' in manager.heard[-1]
    assert reader.heard == []
    for method in ("device.pair.approve", "device.pair.reject"):
        assert (await house.refused(method, {"requestId": first.request_id}))["message"] == "unknown requestId"


async def test_nobody_approves_more_than_he_may_do(house: House) -> None:
    request = await house.gateway.devices.request(ask("d1", ADMIN), is_repair=False)
    params = {"requestId": request.request_id}
    refused = await house.refused("device.pair.approve", params, caller=house.caller(PAIRING, READ))
    assert refused["message"] == "device pairing approval denied"


async def test_a_device_sees_and_manages_itself_only(house: House) -> None:
    for name in ("d1", "d2"):
        await pair(house, name, READ, PAIRING)
    own = device_caller("d1", READ, PAIRING)
    (frame,) = await house.ask("device.pair.list", {}, caller=own)
    assert [row["deviceId"] for row in frame["payload"]["paired"]] == ["d1"]
    request = await house.gateway.devices.request(ask("d3", READ), is_repair=False)
    other: list[tuple[str, dict[str, str], str]] = [
        ("device.pair.remove", {"deviceId": "d2"}, "unknown deviceId"),
        ("device.pair.rename", {"deviceId": "d2", "label": "x"}, "unknown deviceId"),
        ("device.token.rotate", {"deviceId": "d2", "role": "operator"}, "device token rotation denied"),
        ("device.token.revoke", {"deviceId": "d2", "role": "operator"}, "device token revocation denied"),
        ("device.pair.approve", {"requestId": request.request_id}, "device pairing approval denied"),
        ("device.pair.reject", {"requestId": request.request_id}, "unknown requestId"),
    ]
    for method, params, message in other:
        assert (await house.refused(method, params, caller=own))["message"] == message
    (frame,) = await house.ask("device.pair.rename", {"deviceId": "d1", "label": " Mine "}, caller=own)
    assert frame["payload"] == {"deviceId": "d1", "label": "Mine"}


async def test_a_rotated_token_is_told_to_its_own_device_only(house: House) -> None:
    await pair(house, "d1", READ, PAIRING)
    params = {"deviceId": "d1", "role": "operator"}
    (own,) = await house.ask("device.token.rotate", params, caller=device_caller("d1", READ, PAIRING))
    assert own["payload"]["tokenDelivery"] == "in-band"
    assert len(own["payload"]["token"]) == 43
    assert own["payload"]["scopes"] == [PAIRING, READ]
    withheld = await house.call("device.token.rotate", **params)
    assert withheld["tokenDelivery"] == "withheld-cross-device"
    assert "token" not in withheld
    assert set(await house.call("device.token.revoke", **params)) == {"deviceId", "role", "revokedAtMs"}


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("device.pair.remove", {}),
        ("device.token.rotate", {"role": "operator"}),
        ("device.token.revoke", {"role": "operator"}),
    ],
)
async def test_the_sockets_of_a_device_are_closed_after_its_answer(
    house: House, method: str, more: dict[str, str]
) -> None:
    await pair(house, "d1", READ)
    own, other = Ear(device_caller("d1", READ)), Ear(Caller("conn-9", CLI, (READ,), True, device_id="d2"))
    house.broadcast.join(own)
    house.broadcast.join(other)
    await house.call(method, deviceId="d1", **more)
    assert own.end is None  # its own answer goes out first
    await asyncio.sleep(0)
    assert own.end == (4001, "device removed")
    assert other.end is None


async def test_the_gateway_has_an_identity_of_its_own(house: House) -> None:
    own = await house.call("gateway.identity.get")
    assert (len(own["deviceId"]), len(own["publicKey"])) == (64, 43)
    assert await house.call("gateway.identity.get") == own
