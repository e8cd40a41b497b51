"""Messages out, from outside any turn."""

from typing import Any

import pytest

from clawfleet.channels.failures import SendRefused
from clawfleet.channels.supervisor import Supervisor
from tests.unit.channels.fake_channel import FakeChannel, Waits, account
from tests.unit.rpc.house import House

ASKED = {"to": "123", "message": "hello", "idempotencyKey": "k1"}


def with_channel(house: House) -> FakeChannel:
    """One telegram account that is set up, and one that is not."""
    channel = FakeChannel()
    accounts = (account(), account("bare", configured=False))
    fake = Supervisor(accounts, open_adapter=lambda _: channel, pace=Waits().pace)
    object.__setattr__(house.gateway, "channels", fake)
    return channel


async def test_without_a_channel_it_is_said_how_to_get_one(house: House) -> None:
    error = await house.refused("send", ASKED)
    assert error["message"].startswith("Error: Channel is required (no configured channels detected).")
    assert (await house.refused("send", {**ASKED, "channel": "telegram"}))["message"] == "unsupported channel: telegram"


async def test_a_text_goes_out_once_however_often_it_is_asked_for(house: House) -> None:
    channel = with_channel(house)
    first = await house.call("send", **ASKED, threadId="7")
    assert (first["runId"], first["channel"], first["chatId"]) == ("k1", "telegram", "123")
    assert first["messageId"]
    assert await house.call("send", **ASKED, threadId="7") == first
    (sent,) = channel.sent
    assert (sent.chat_id, sent.text, sent.thread_id) == ("123", "hello", "7")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"message": " "}, "message is required"),
        ({"mediaUrl": "https://x/y.png"}, "this gateway sends text only"),
        ({"accountId": "nobody"}, "unknown telegram account: nobody"),
    ],
)
async def test_what_cannot_be_sent_is_refused(house: House, more: dict[str, Any], words: str) -> None:
    with_channel(house)
    assert (await house.refused("send", {**ASKED, **more}))["message"] == words


async def test_what_did_not_go_out_is_an_error_and_may_be_tried_again(house: House) -> None:
    channel = with_channel(house)
    channel.sends = [SendRefused("blocked")]
    assert (await house.refused("send", ASKED))["code"] == "UNAVAILABLE"
    assert (await house.call("send", **ASKED))["messageId"]
    error = await house.refused("send", {**ASKED, "accountId": "bare", "idempotencyKey": "k2"})
    assert error["code"] == "UNAVAILABLE" and error["message"].startswith("OutboundDeliveryError: ")


async def test_command_lines_send_by_an_action(house: House) -> None:
    channel = with_channel(house)
    params = {"target": "123", "message": "hi", "silent": False, "action": "send"}
    done = await house.call("message.action", channel="telegram", action="send", params=params, idempotencyKey="a1")
    assert (done["ok"], done["chatId"], channel.sent[0].text) == (True, "123", "hi")
    base = {"channel": "telegram", "idempotencyKey": "a2"}
    for asked, words in (
        ({"action": "react", "params": {}}, "unsupported message action: react"),
        ({"action": "send", "params": {"target": "1"}}, "send needs a target and a message"),
        ({"action": "send", "params": {**params, "media": "x"}}, "this gateway sends text only"),
    ):
        assert (await house.refused("message.action", {**base, **asked}))["message"] == words
