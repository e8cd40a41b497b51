"""One account connected and disconnected by hand."""

from pathlib import Path
from typing import Any

import pytest

from clawfleet.channels.base import Envelope
from clawfleet.channels.supervisor import Supervisor
from tests.unit.channels.fake_channel import FakeChannel, Waits, account
from tests.unit.rpc.house import House, open_house, until


async def nothing(envelope: Envelope) -> None: ...


def supervised(house: House) -> Supervisor:
    """The house's channels, with one account of a platform that is not there."""
    fake = Supervisor(
        (account(), account("bare", configured=False)), open_adapter=lambda _: FakeChannel(), pace=Waits().pace
    )
    object.__setattr__(house.gateway, "channels", fake)
    return fake


async def test_an_account_is_stopped_and_started_again(house: House) -> None:
    channels = supervised(house)
    channels.start(nothing)
    await until(lambda: channels.rows()[0].running)
    asked = {"channel": "telegram", "accountId": "default"}
    assert await house.call("channels.start", **asked) == {**asked, "started": False}
    assert await house.call("channels.stop", **asked) == {**asked, "stopped": True}
    assert not channels.rows()[0].running
    assert await house.call("channels.stop", **asked) == {**asked, "stopped": False}
    assert await house.call("channels.start", channel="telegram") == {**asked, "started": True}
    await until(lambda: channels.rows()[0].running)
    assert (await house.call("channels.start", channel="telegram", accountId="bare"))["started"] is False
    await channels.close()


@pytest.mark.parametrize("params", [{"channel": "nope"}, {"channel": "telegram", "accountId": "nope"}])
async def test_an_account_that_is_none_is_refused(house: House, params: dict[str, Any]) -> None:
    supervised(house)
    for name in ("channels.start", "channels.stop"):
        error = await house.refused(name, params)
        assert error["message"] == f"invalid {name} channel"
        assert "telegram:default" in error["details"]["hint"]


async def test_only_administrators_may(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        error = await house.refused("channels.stop", {"channel": "x"}, caller=house.caller("operator.write"))
    assert error["details"]["missingScope"] == "operator.admin"


async def test_who_logs_out_leaves_no_token_behind(tmp_path: Path) -> None:
    config = {"channels": {"telegram": {"botToken": "1:secret", "dmPolicy": "disabled"}}, "gateway": {"mode": "local"}}
    async with open_house(tmp_path, config) as house:
        answer = await house.call("channels.logout", channel="telegram")
        assert answer == {
            "channel": "telegram", "accountId": "default", "cleared": True, "loggedOut": True, "envToken": False,
        }  # fmt: skip
        text = house.gateway.instance.config_path.read_text(encoding="utf-8")
        assert "secret" not in text
        assert '"dmPolicy": "disabled"' in text
        assert not house.gateway.channels.rows("telegram")[0].account.configured
        assert (await house.call("channels.logout", channel="telegram"))["cleared"] is False
