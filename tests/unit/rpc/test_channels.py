"""The channel methods: rows for every account, strangers without their codes, approval with its consequences."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio

from clawfleet.access.pairing import PairingStore
from clawfleet.channels.base import Probe
from clawfleet.channels.failures import SendRefused
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import resolve_instance
from clawfleet.config.load import Snapshot
from clawfleet.config.models.root import Config
from clawfleet.config.read import Issue
from clawfleet.core.errors import NotFoundError, RequestError
from clawfleet.core.loop import LoopMonitor
from clawfleet.rpc.call import Call
from clawfleet.rpc.channels import (
    ChannelsStatusParams,
    PairingApproveParams,
    PairingDismissParams,
    PairingListParams,
    approve_pairing,
    channels_status,
    dismiss_pairing,
    list_pairing,
)
from clawfleet.rpc.registry import to_wire
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.unit.channels.fake_channel import FakeChannel, Waits, account


class House:
    """A gateway's parts, as far as these methods look."""

    def __init__(self, db: Database, home: Path) -> None:
        self.channel = FakeChannel()
        accounts = (account(), account("bare", configured=False))
        self.channels = Supervisor(accounts, open_adapter=lambda _: self.channel, pace=Waits().pace)
        self.pairing = PairingStore(db)
        warnings = (Issue("channels.telegram.dmPolicy", "all DMs will be dropped"), Issue("cron", "unused"))
        self.snapshot = Snapshot(home / "openclaw.json", True, "", {}, Config(), warnings)
        self.instance = resolve_instance(environ={"HOME": str(home)}, cwd=home)
        self.loop = LoopMonitor()
        self.control, self.reloads = self, 0

    async def reload(self) -> None:
        self.reloads += 1

    def call(self, *scopes: str) -> Call:
        return cast(Call, SimpleNamespace(gateway=self, caller=SimpleNamespace(scopes=scopes)))


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    db = await Database.open(tmp_path / "store" / "gateway.sqlite", MIGRATIONS)
    made = House(db, tmp_path)
    await made.pairing.request("telegram", "default", "42", {"username": "al", "firstName": "Al"})
    yield made
    await made.channels.close()
    await db.close()


async def approve(house: House, *scopes: str, **more: Any) -> dict[str, Any]:
    params = PairingApproveParams.model_validate(
        {"channel": "telegram", "accountId": "default", "requestId": "42", **more}
    )
    return cast(dict[str, Any], to_wire(await approve_pairing(house.call(*scopes), params)))


async def test_status_has_a_row_for_every_account_and_the_channels_warnings(house: House) -> None:
    wire = to_wire(await channels_status(house.call(), ChannelsStatusParams()))
    assert wire["channelOrder"] == ["telegram"]
    assert wire["channelMeta"] == [{"id": "telegram", "label": "Telegram", "detailLabel": "Telegram Bot"}]
    assert [row["accountId"] for row in wire["channelAccounts"]["telegram"]] == ["default", "bare"]
    assert wire["channelDefaultAccountId"] == {"telegram": "default"}
    assert wire["channels"]["telegram"]["configured"] is True
    assert wire["warnings"] == ["channels.telegram.dmPolicy: all DMs will be dropped"]
    assert wire["statusIssues"] == []


async def test_status_of_a_channel_that_is_not_configured_is_empty(house: House) -> None:
    wire = to_wire(await channels_status(house.call(), ChannelsStatusParams(channel="discord")))
    assert (wire["channelOrder"], wire["channelAccounts"]) == ([], {})


async def test_a_probe_is_made_when_asked_for(house: House) -> None:
    house.channel.probes = [Probe(True, "@clawy_bot")]
    params = ChannelsStatusParams.model_validate({"probe": True, "timeoutMs": 500})
    wire = to_wire(await channels_status(house.call(), params))
    usable, bare = wire["channelAccounts"]["telegram"]
    assert usable["probe"]["ok"] is True and bare["probe"] is None


async def test_strangers_are_listed_without_their_codes(house: House) -> None:
    (request,) = await house.pairing.list()
    wire = to_wire(await list_pairing(house.call(), PairingListParams()))
    (row,) = wire["requests"]
    assert (row["requestId"], row["senderId"], row["senderLabel"]) == ("42", "42", "@al")
    assert row["metadata"] == {"username": "al", "firstName": "Al"}
    assert request.code not in str(wire)
    assert [entry["accountId"] for entry in wire["accounts"]] == ["default"]
    assert wire["limits"] == {"pendingPerAccount": 3, "ttlMs": 3_600_000}
    assert wire["commandOwnerConfigured"] is False


async def test_approving_lets_the_sender_in_and_does_no_more_than_asked(house: House) -> None:
    assert await approve(house, "operator.admin") == {
        "requestId": "42",
        "senderId": "42",
        "notification": "not-requested",
        "commandOwnerBootstrap": "not-requested",
    }
    assert await house.pairing.approved_ids("telegram", "default") == {"42"}
    assert house.channel.sent == [] and not house.instance.config_path.exists()


async def test_approving_can_tell_the_sender_and_make_them_the_owner(house: House) -> None:
    wire = await approve(house, "operator.admin", notify=True, bootstrapCommandOwner=True)
    assert (wire["notification"], wire["commandOwnerBootstrap"]) == ("sent", "configured")
    assert house.channel.sent[0].chat_id == "42"
    assert "telegram:42" in house.instance.config_path.read_text(encoding="utf-8")
    assert house.reloads == 1  # they are the owner at once


async def test_without_the_admin_scope_the_config_stays_as_it_is(house: House) -> None:
    wire = await approve(house, "operator.pairing", bootstrapCommandOwner=True)
    assert wire["commandOwnerBootstrap"] == "unavailable"
    assert not house.instance.config_path.exists()


async def test_a_message_that_cannot_be_sent_does_not_undo_the_approval(house: House) -> None:
    house.channel.sends = [SendRefused("blocked")]
    assert (await approve(house, notify=True))["notification"] == "failed"
    assert await house.pairing.approved_ids("telegram", "default") == {"42"}


async def test_a_request_that_does_not_wait_cannot_be_approved(house: House) -> None:
    with pytest.raises(NotFoundError):
        await approve(house, requestId="43")


async def test_who_is_dismissed_waits_no_longer(house: House) -> None:
    params = PairingDismissParams.model_validate({"channel": "telegram", "accountId": "default", "requestId": "42"})
    wire = to_wire(await dismiss_pairing(house.call(), params))
    assert wire == {"requestId": "42", "senderId": "42"}
    assert await house.pairing.list() == ()
    with pytest.raises(NotFoundError, match="no longer exists"):
        await dismiss_pairing(house.call(), params)
    with pytest.raises(RequestError, match="unknown pairing channel: carrier-pigeon"):
        await dismiss_pairing(house.call(), params.model_copy(update={"channel": "carrier-pigeon"}))
