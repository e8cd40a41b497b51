"""What comes in is refused, given a code, or kept: never more than one of them, never lost."""

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from clawfleet.access.pairing import PairingStore
from clawfleet.channels.base import Outbound, Sent
from clawfleet.channels.failures import NotConnected, SendRefused
from clawfleet.channels.inbound import Accepted, Inbound
from clawfleet.channels.replies import Delivery
from clawfleet.config.env import resolve_instance
from clawfleet.config.models.root import Config
from clawfleet.core.errors import HostError, RequestError
from clawfleet.core.requester import Requester
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.unit.channels.fake_channel import dm


class House:
    """An `Inbound` with everything around it in reach."""

    def __init__(self, db: Database, home: Path) -> None:
        self.config = Config.model_validate({"channels": {"telegram": {}}})
        self.pairing = PairingStore(db)
        self.accepted: list[Accepted] = []
        self.sent: list[Outbound] = []
        self.send_fails: list[Exception] = []
        self.accept_fails: list[Exception] = []
        self.home = home
        self.inbound = self.build()

    def build(self, profile: str | None = None) -> Inbound:
        instance = resolve_instance(profile=profile, environ={"HOME": str(self.home)}, cwd=self.home)
        return Inbound(lambda: self.config, instance=instance, pairing=self.pairing, send=self.send, accept=self.accept)

    def configure(self, telegram: Mapping[str, object], **more: object) -> None:
        self.config = Config.model_validate({"channels": {"telegram": telegram}, **more})

    async def send(self, channel: str, account: str, message: Outbound) -> Sent:
        if self.send_fails:
            raise self.send_fails.pop(0)
        self.sent.append(message)
        return Sent(("1",))

    async def accept(self, accepted: Accepted) -> None:
        if self.accept_fails:
            raise self.accept_fails.pop(0)
        self.accepted.append(accepted)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    yield House(db, tmp_path)
    await db.close()


async def test_a_stranger_gets_one_code_and_reaches_no_agent(house: House) -> None:
    await house.inbound.deliver(dm(message_id="1"))
    await house.inbound.deliver(dm(message_id="2"))
    (reply,) = house.sent
    (request,) = await house.pairing.list()
    assert reply.chat_id == "42" and f"openclaw pairing approve telegram {request.code}" in reply.text
    assert request.meta == {"username": "al", "firstName": "Al"}
    assert house.accepted == []


async def test_four_strangers_get_three_codes(house: House) -> None:
    for sender in ("1", "2", "3", "4"):
        await house.inbound.deliver(dm(sender=sender))
    assert [reply.chat_id for reply in house.sent] == ["1", "2", "3"]


async def test_the_command_names_the_profile(house: House) -> None:
    await house.build(profile="work").deliver(dm())
    assert "openclaw --profile work pairing approve telegram" in house.sent[0].text


async def test_a_code_that_could_not_be_sent_is_sent_with_the_next_message(house: House) -> None:
    house.send_fails = [NotConnected("away"), SendRefused("blocked")]
    for _ in range(3):
        await house.inbound.deliver(dm())
    assert len(house.sent) == 1


async def test_an_approved_sender_is_accepted_at_once_with_everything_the_answer_needs(house: House) -> None:
    await house.inbound.deliver(dm())
    (request,) = await house.pairing.list()
    await house.pairing.approve("telegram", request.code)
    await house.inbound.deliver(dm("hello", message_id="9"))
    assert house.accepted == [
        Accepted(
            session_key="agent:main:main",
            agent_id="main",
            text="hello",
            idempotency_key="telegram:default:42:9",
            delivery=Delivery("telegram", "default", "42", None, "9"),
            requester=Requester(
                "telegram",
                account="default",
                chat_type="direct",
                chat_id="42",
                sender_id="42",
                name=house.accepted[0].requester.name,
                username=house.accepted[0].requester.username,
            ),
        )
    ]
    assert len(house.sent) == 1


@pytest.mark.parametrize(
    ("telegram", "accepted"),
    [
        ({"dmPolicy": "allowlist", "allowFrom": ["tg:42"]}, 1),
        ({"dmPolicy": "allowlist", "allowFrom": ["7"]}, 0),
        ({"dmPolicy": "open", "allowFrom": ["*"]}, 1),
        ({"dmPolicy": "open"}, 0),
        ({"dmPolicy": "disabled", "allowFrom": ["42"]}, 0),
    ],
)
async def test_other_policies_never_answer_a_stranger(
    house: House, telegram: Mapping[str, object], accepted: int
) -> None:
    house.configure(telegram)
    await house.inbound.deliver(dm())
    assert (len(house.accepted), house.sent) == (accepted, [])


async def test_a_blocked_sender_is_named_in_the_log_without_the_message(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.configure({"dmPolicy": "allowlist"})
    with caplog.at_level(logging.INFO):
        await house.inbound.deliver(dm("my secret", sender="99"))
    assert "Blocked unauthorized telegram sender 99 (dmPolicy=allowlist)" in caplog.text
    assert "my secret" not in caplog.text


async def test_a_changed_policy_holds_for_the_next_message(house: House) -> None:
    house.configure({"dmPolicy": "disabled"})
    await house.inbound.deliver(dm())
    house.configure({"dmPolicy": "open", "allowFrom": ["*"]})
    await house.inbound.deliver(dm(message_id="2"))
    assert [accepted.idempotency_key for accepted in house.accepted] == ["telegram:default:42:2"]


async def test_sessions_follow_the_dm_scope_and_the_default_agent(house: House) -> None:
    house.configure(
        {"dmPolicy": "open", "allowFrom": ["*"]},
        session={"dmScope": "per-channel-peer"},
        agents={"entries": {"chat": {}, "coding": {"default": True}}},
    )
    await house.inbound.deliver(dm())
    assert house.accepted[0].session_key == "agent:coding:telegram:direct:42"
    assert house.accepted[0].agent_id == "coding"


async def test_bindings_choose_the_agent_and_its_session(house: House, caplog: pytest.LogCaptureFixture) -> None:
    bindings = [
        {"agentId": "chat", "match": {"channel": "telegram"}, "session": {"dmScope": "per-peer"}},
        {"agentId": "coding", "match": {"channel": "telegram", "peer": {"kind": "group", "id": -1001}}},
        {"agentId": "gone", "match": {"channel": "telegram", "peer": {"kind": "direct", "id": "66"}}},
    ]
    open_to_all = {"dmPolicy": "open", "allowFrom": ["*"], "groupPolicy": "open", "groups": {"*": {}}}
    house.configure(open_to_all, agents={"entries": {"main": {}, "chat": {}, "coding": {}}}, bindings=bindings)
    await house.inbound.deliver(dm(message_id="1"))
    topic = replace(dm(message_id="2"), chat_type="group", chat_id="-1001", thread_id="7", was_mentioned=True)
    await house.inbound.deliver(topic)
    await house.inbound.deliver(dm(message_id="3", sender="66"))
    assert [(each.agent_id, each.session_key) for each in house.accepted] == [
        ("chat", "agent:chat:direct:42"),
        ("coding", "agent:coding:telegram:group:-1001:topic:7"),
    ]
    assert "to the agent gone, which is not there" in caplog.text


async def test_groups_are_silent_unless_allowed_and_mentioned(house: House, caplog: pytest.LogCaptureFixture) -> None:
    said = replace(dm(), chat_type="group", chat_id="-1001", thread_id="7")
    with caplog.at_level(logging.INFO):
        await house.inbound.deliver(replace(said, was_mentioned=True))
        assert "Blocked telegram group message (groupPolicy: allowlist, no group allowlist entries)" in caplog.text
        caplog.clear()
        house.configure({"groupAllowFrom": ["42"]})
        await house.inbound.deliver(said)
        assert caplog.text == ""
    await house.inbound.deliver(replace(said, was_mentioned=True))
    assert [(a.session_key, a.delivery.chat_id, a.delivery.thread_id) for a in house.accepted] == [
        ("agent:main:telegram:group:-1001:topic:7", "-1001", "7")
    ]
    assert house.sent == []


async def test_a_pairing_approval_opens_no_group(house: House) -> None:
    await house.inbound.deliver(dm())
    await house.pairing.approve("telegram", (await house.pairing.list())[0].code)
    await house.inbound.deliver(replace(dm(message_id="2"), chat_type="group", chat_id="-1", was_mentioned=True))
    assert house.accepted == []


async def test_a_message_that_cannot_be_kept_now_must_come_again(house: House) -> None:
    house.configure({"dmPolicy": "open", "allowFrom": ["*"]})
    house.accept_fails = [HostError("disk full")]
    with pytest.raises(HostError):
        await house.inbound.deliver(dm())


async def test_a_message_that_can_never_be_kept_does_not_hold_up_the_others(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.configure({"dmPolicy": "open", "allowFrom": ["*"]})
    house.accept_fails = [RequestError("key taken")]
    await house.inbound.deliver(dm(message_id="1"))
    await house.inbound.deliver(dm(message_id="2"))
    assert len(house.accepted) == 1
    assert "telegram:default:42:1 cannot be accepted" in caplog.text
