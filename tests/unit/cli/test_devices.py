"""`openclaw devices`, with and without a gateway that answers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from clawfleet.access.device_records import Ask, Traits
from clawfleet.access.devices import Devices
from clawfleet.cli.devices import list_lines
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw

NOWHERE = {"OPENCLAW_GATEWAY_PORT": "1"}
PENDING = {
    "requestId": "r1", "deviceId": "d1", "displayName": "Lap\x1btop", "clientId": "cli", "clientMode": "cli",
    "platform": "linux", "role": "operator", "roles": ["operator"], "scopes": ["operator.read"], "isRepair": True,
    "ts": 1_795_000_000_000,
}  # fmt: skip
PAIRED = {**PENDING, "deviceId": "d2", "operatorLabel": "Kitchen", "connected": True, "tokens": []}


def knock(home: Home, *names: str) -> list[str]:
    """Let devices ask to come in; the ids of their requests."""

    async def work() -> list[str]:
        home.store_dir.mkdir(exist_ok=True)
        db = await Database.open(home.store_dir / "gateway.sqlite", MIGRATIONS)
        devices = Devices(db, home.store_dir)
        traits = Traits("key", "linux", "Linux", "cli", "cli")
        asks = [Ask(name, "operator", ("operator.read",), traits) for name in names]
        ids = [(await devices.request(ask, is_repair=False)).request_id for ask in asks]
        await db.close()
        return ids

    return asyncio.run(work())


def listed(openclaw: OpenClaw) -> Any:
    return json.loads(openclaw("devices", "list", "--json", **NOWHERE).stdout)


def test_without_a_gateway_the_store_itself_is_worked_on(home: Home, openclaw: OpenClaw) -> None:
    assert listed(openclaw) == {"pending": [], "paired": []}
    (first,) = knock(home, "d1")
    assert [row["requestId"] for row in listed(openclaw)["pending"]] == [first]
    approved = openclaw("devices", "approve", "--latest", **NOWHERE)
    assert (approved.exit_code, approved.stdout) == (0, "Approved cli (d1): operator [operator.read]\n")
    assert openclaw("devices", "rename", "--device", "d1", "--name", " Kitchen ", **NOWHERE).exit_code == 0
    rotated = openclaw("devices", "rotate", "--device", "d1", "--role", "operator", "--json", **NOWHERE)
    assert json.loads(rotated.stdout)["tokenDelivery"] == "withheld-cross-device"
    narrowed = openclaw("devices", "rotate", "--device", "d1", "--role", "operator", "--no-scopes", **NOWHERE)
    assert narrowed.stdout == "Rotated the operator token of d1: no scopes\n"
    assert openclaw("devices", "revoke", "--device", "d1", "--role", "operator", **NOWHERE).exit_code == 0
    (row,) = listed(openclaw)["paired"]
    assert row["operatorLabel"] == "Kitchen"
    assert "revokedAtMs" in row["tokens"][0]
    assert openclaw("devices", "remove", "d1", **NOWHERE).stdout == "Removed device d1.\n"
    assert listed(openclaw)["paired"] == []


def test_nobody_is_approved_by_guessing(home: Home, openclaw: OpenClaw) -> None:
    none = openclaw("devices", "approve", "--latest", **NOWHERE)
    assert (none.exit_code, none.stderr) == (1, "✗ No device waits for approval.\n")
    one, two = knock(home, "d1", "d2")
    refused = openclaw("devices", "approve", "--latest", **NOWHERE)
    assert refused.exit_code == 1
    assert {one, two} <= set(refused.stderr.split())
    assert openclaw("devices", "reject", two, **NOWHERE).stdout == "Rejected device d2.\n"
    preview = openclaw("devices", "approve", **NOWHERE)
    assert preview.exit_code == 1
    assert f"openclaw devices approve {one}" in preview.stderr
    assert openclaw("devices", "approve", one, **NOWHERE).exit_code == 0
    assert "unknown requestId" in openclaw("devices", "approve", one, **NOWHERE).stderr


def test_everything_goes_only_when_it_is_said_twice(home: Home, openclaw: OpenClaw) -> None:
    (one,) = knock(home, "d1")
    openclaw("devices", "approve", one, **NOWHERE)
    (two,) = knock(home, "d2")
    assert openclaw("devices", "clear", **NOWHERE).exit_code == 1
    done = openclaw("devices", "clear", "--yes", "--pending", "--json", **NOWHERE)
    assert json.loads(done.stdout) == {"removed": ["d1"], "rejected": [two]}
    assert listed(openclaw) == {"pending": [], "paired": []}


def test_a_running_gateway_is_asked(own: FakeGateway, openclaw: OpenClaw) -> None:
    own.answers["device.pair.list"] = {"pending": [PENDING], "paired": [PAIRED]}
    own.answers["device.pair.approve"] = {"requestId": "r1", "device": PAIRED}
    assert openclaw("devices", "approve", "--latest").stdout == "Approved Kitchen (d2): operator [operator.read]\n"
    assert own.calls("device.pair.approve") == [{"requestId": "r1"}]
    shown = openclaw("devices", "list").stdout
    assert "Pending (1)\n  r1  Lap\\u001btop (linux, known already)" in shown
    assert "d2  Kitchen (linux): operator [operator.read]; connected" in shown


def test_another_gateway_that_is_down_is_not_mistaken_for_this_one(openclaw: OpenClaw) -> None:
    result = openclaw("devices", "list", "--url", "ws://127.0.0.1:1", "--token", "x")
    assert result.exit_code == 1
    assert result.stdout == ""


def test_a_gateway_that_lets_nobody_in_can_still_be_given_an_approval(
    own: FakeGateway, home: Home, openclaw: OpenClaw
) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": own.port, "auth": {"token": "stale"}}}))
    (one,) = knock(home, "d1")
    assert openclaw("devices", "approve", one).exit_code == 0
    refused = openclaw("devices", "remove", "d1")
    assert refused.exit_code == 1
    assert "token mismatch" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("rename", "--device", "d", "--name", "  "),
        ("rename", "--device", "d", "--name", "x" * 65),
        ("rotate", "--device", "d", "--role", "operator", "--scope", "a", "--no-scopes"),
    ],
)
def test_what_cannot_be_meant_is_said(openclaw: OpenClaw, words: tuple[str, ...]) -> None:
    assert openclaw("devices", *words, **NOWHERE).exit_code == 1


def test_a_device_that_never_came_is_told_apart() -> None:
    (line,) = [text for text in list_lines({"pending": [], "paired": [{**PAIRED, "connected": False}]}) if "d2" in text]
    assert line.endswith("never seen")
