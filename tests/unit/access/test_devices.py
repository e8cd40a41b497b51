"""Devices: who waits, who is approved, what their tokens carry, and what nobody can read at rest."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clawfleet.access.device_records import Ask, PairRequest, Traits
from clawfleet.access.devices import ApprovalDenied, DeviceNews, Devices, TokenDenied, UnknownDevice, UnknownRequest
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.unit.access.doors import ADMIN, READ, WRITE, Clock

NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def devices(tmp_path: Path, clock: Clock) -> AsyncIterator[Devices]:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    yield Devices(db, tmp_path, clock)
    await db.close()


def ask(device: str = "d1", *scopes: str, role: str = "operator", client: str = "cli", name: str | None = None) -> Ask:
    return Ask(device, role, scopes, Traits(f"key-{device}", "linux", "Linux", client, "cli", name))


async def waiting(devices: Devices, *asks: Ask) -> list[PairRequest]:
    return [await devices.request(one, is_repair=False) for one in asks]


async def test_a_request_lives_five_minutes(devices: Devices, clock: Clock) -> None:
    (request,) = await waiting(devices, ask("d1", READ))
    clock.now += 299_999
    assert [row.request_id for row in await devices.pending()] == [request.request_id]
    clock.now += 1
    assert await devices.pending() == ()
    for act in (devices.approve, devices.reject):
        with pytest.raises(UnknownRequest):
            await act(request.request_id)
    (anew,) = await waiting(devices, ask("d1", READ))
    assert anew.request_id != request.request_id


async def test_another_ask_takes_the_place_of_the_first_and_asks_for_both(devices: Devices) -> None:
    news: list[DeviceNews] = []
    devices.heard = news.append
    first, same, more = await waiting(devices, ask("d1", READ), ask("d1", READ), ask("d1", role="node"))
    assert same.request_id == first.request_id != more.request_id
    assert (more.roles, more.scopes) == (("operator", "node"), (READ,))
    assert [row.request_id for row in await devices.pending()] == [more.request_id]
    heard = [(item.requested or item.resolved, item.decision if item.resolved else "requested") for item in news]
    assert [(row.request_id, what) for row, what in heard if row] == [
        (first.request_id, "requested"),
        (first.request_id, "rejected"),
        (more.request_id, "requested"),
    ]


async def test_only_so_many_may_wait(devices: Devices, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawfleet.access.device_requests.MAX_PENDING", 2)
    for name in ("d1", "d2", "d3"):
        clock.now += 1
        await waiting(devices, ask(name))
    assert [row.device_id for row in await devices.pending()] == ["d3", "d2"]


async def test_an_approved_device_keeps_what_it_asked_for(devices: Devices) -> None:
    (request,) = await waiting(devices, ask("d1", READ, ADMIN))
    device = await devices.approve(request.request_id)
    assert (device.roles, device.scopes, device.approved_via) == (("operator",), (READ, ADMIN), "owner")
    (token,) = device.tokens
    assert token.scopes == (ADMIN, READ, WRITE)
    assert await devices.paired() == (device,)
    with pytest.raises(UnknownRequest):
        await devices.approve(request.request_id)


@pytest.mark.parametrize(
    ("one", "within", "may"),
    [
        (ask("d1", READ), ("operator.pairing", READ), True),
        (ask("d1", READ), ("operator.pairing", WRITE), True),
        (ask("d1", ADMIN), ("operator.pairing", READ), False),
        (ask("d1", role="node"), ("operator.pairing",), False),
        (ask("d1", role="node"), (ADMIN,), True),
    ],
)
async def test_nobody_gives_more_than_he_has(devices: Devices, one: Ask, within: tuple[str, ...], may: bool) -> None:
    (request,) = await waiting(devices, one)
    if may:
        await devices.approve(request.request_id, within=within)
        return
    with pytest.raises(ApprovalDenied):
        await devices.approve(request.request_id, within=within)
    assert len(await devices.pending()) == 1


async def test_a_token_says_the_same_until_it_is_rotated(devices: Devices, clock: Clock) -> None:
    one = ask("d1", READ)
    await devices.approve_at_once(one, "silent", NOBODY)
    first = await devices.enter(one, "token")
    clock.now += 5
    again = await devices.enter(one, "device-token")
    assert first is not None
    assert first == again
    assert len(first.value) == 43
    (device,) = await devices.paired()
    assert (device.last_seen_at_ms, device.tokens[0].last_used_at_ms) == (clock.now, clock.now)
    rotated = await devices.rotate("d1", "operator", scopes=None, within=(ADMIN,))
    assert rotated.value != first.value
    assert await devices.check_token(one, first.value) == "mismatch"
    assert await devices.check_token(one, rotated.value) == "ok"
    assert (await devices.enter(one, "token")) == rotated


async def test_a_revoked_token_is_dead_and_the_next_entry_gets_a_new_one(devices: Devices, clock: Clock) -> None:
    one = ask("d1", READ)
    await devices.approve_at_once(one, "silent", NOBODY)
    first = await devices.enter(one, "token")
    assert first is not None
    assert await devices.revoke("d1", "operator", within=(ADMIN,)) == clock.now
    assert await devices.check_token(one, first.value) == "mismatch"
    assert await devices.bearer(first.value) is None
    second = await devices.enter(one, "token")
    assert second is not None
    assert second.value != first.value
    found = await devices.bearer(second.value)
    assert found is not None
    assert (found.device_id, found.role, found.scopes) == ("d1", "operator", (READ,))


async def test_a_token_is_bound_to_device_role_and_scopes(devices: Devices) -> None:
    one = ask("d1", WRITE)
    await devices.approve_at_once(one, "silent", NOBODY)
    token = await devices.enter(one, "token")
    assert token is not None
    assert await devices.check_token(ask("d1", READ), token.value) == "ok"
    assert await devices.check_token(ask("d1", ADMIN), token.value) == "scopes"
    assert await devices.check_token(ask("d1", role="node"), token.value) == "mismatch"
    assert await devices.check_token(ask("d2", READ), token.value) == "mismatch"


@pytest.mark.parametrize(
    ("device", "role", "scopes", "within"),
    [
        ("d2", "operator", None, (ADMIN,)),
        ("d1", "node", None, (ADMIN,)),
        ("d1", "operator", [ADMIN], (ADMIN,)),
        ("d1", "operator", None, ("operator.pairing",)),
    ],
)
async def test_what_cannot_be_rotated(
    devices: Devices, device: str, role: str, scopes: list[str] | None, within: tuple[str, ...]
) -> None:
    await devices.approve_at_once(ask("d1", WRITE), "silent", NOBODY)
    with pytest.raises(TokenDenied, match="device token rotation denied"):
        await devices.rotate(device, role, scopes=scopes, within=within)
    if scopes is None:
        with pytest.raises(TokenDenied, match="device token revocation denied"):
            await devices.revoke(device, role, within=within)


async def test_a_rotation_may_narrow_the_token(devices: Devices) -> None:
    await devices.approve_at_once(ask("d1", WRITE), "silent", NOBODY)
    assert (await devices.rotate("d1", "operator", scopes=[READ], within=(ADMIN,))).scopes == (READ,)


async def test_names_and_removal_need_a_device(devices: Devices) -> None:
    await devices.approve_at_once(ask("d1", READ), "silent", NOBODY)
    await devices.rename("d1", "Kitchen")
    await devices.approve_at_once(ask("d1", WRITE), "silent", NOBODY)
    (device,) = await devices.paired()
    assert device.label == "Kitchen"
    await devices.remove("d1")
    assert await devices.find("d1") is None
    assert await devices.enter(ask("d1", READ), "token") is None
    with pytest.raises(UnknownDevice):
        await devices.remove("d1")
    with pytest.raises(UnknownDevice):
        await devices.rename("d1", "x")


async def test_what_a_removed_device_waits_for_is_a_strangers_wish(devices: Devices) -> None:
    await devices.approve_at_once(ask("d1", READ), "silent", NOBODY)
    asked = await devices.request(ask("d1", WRITE), is_repair=True)
    await devices.remove("d1")
    (request,) = await devices.pending()
    assert (request.request_id, request.is_repair) == (asked.request_id, False)


async def test_a_silent_record_makes_older_ones_of_the_same_client_go(devices: Devices, clock: Clock) -> None:
    for name in ("old", "in", "other"):
        client = "node-host" if name == "other" else "cli"
        await devices.approve_at_once(ask(name, READ, client=client), "silent", NOBODY)
    clock.now += 60_001
    await devices.approve_at_once(ask("young", READ), "silent", frozenset({"in"}))
    clock.now += 10
    await devices.approve_at_once(ask("new", READ), "silent", frozenset({"in"}))
    assert {row.device_id for row in await devices.paired()} == {"in", "other", "young", "new"}


async def test_no_token_stands_in_the_database_and_its_key_is_the_owners(devices: Devices, tmp_path: Path) -> None:
    one = ask("d1", READ)
    await devices.approve_at_once(one, "silent", NOBODY)
    token = await devices.enter(one, "token")
    assert token is not None
    dump = "\n".join(sqlite3.connect(tmp_path / "gateway.sqlite").iterdump())
    assert "d1" in dump
    assert token.value not in dump
    assert token.value not in repr(token)
    assert (tmp_path / "device-token-key").stat().st_mode & 0o777 == 0o600


async def test_a_lost_key_costs_new_tokens_and_nothing_else(tmp_path: Path, clock: Clock) -> None:
    one, values = ask("d1", READ), list[str]()
    for _ in range(2):
        db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
        devices = Devices(db, tmp_path, clock)
        if not values:
            await devices.approve_at_once(one, "silent", NOBODY)
        token = await devices.enter(one, "token")
        assert token is not None
        assert await devices.check_token(one, token.value) == "ok"
        values.append(token.value)
        await db.close()
        (tmp_path / "device-token-key").unlink()
    assert values[0] != values[1]
