"""A text goes to the gateway as one `send`; what is missing is said before anything is sent."""

from __future__ import annotations

import json

import pytest

from clawfleet.cli.message_send import split_target
from tests.unit.cli.conftest import FakeGateway, OpenClaw

SENT = {"runId": "r", "messageId": "77", "channel": "telegram", "chatId": "123"}


def test_it_is_sent_once_and_its_id_is_told(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["send"] = SENT
    done = openclaw("message", "send", "-t", "telegram:123", "-m", "hi", "--reply-to", "7", "--account", "bot")
    assert done.stdout == "Sent via telegram. Message ID: 77\n"
    (params,) = own.calls("send")
    assert params.pop("idempotencyKey")
    assert params == {"channel": "telegram", "to": "123", "message": "hi", "replyToId": "7", "accountId": "bot"}
    document = json.loads(openclaw("message", "send", "-t", "telegram:123", "-m", "hi", "--json").stdout)
    assert (document["ok"], document["payload"]) == (True, SENT)


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (["-m", "hi"], "-t, --target <dest>"),
        (["-t", "1"], "-m, --message <text>"),
        (["-t", " ", "-m", "x"], "--target"),
    ],
)
def test_what_is_missing_is_named(openclaw: OpenClaw, words: list[str], missing: str) -> None:
    done = openclaw("message", "send", *words, "--json")
    assert done.exit_code == 1
    assert missing in json.loads(done.stdout)["error"]["message"]


def test_a_dry_run_needs_no_gateway(openclaw: OpenClaw) -> None:
    done = openclaw("message", "send", "--channel", "telegram", "-t", "123", "-m", "hi", "--dry-run")
    assert done.stdout == "Would send to telegram 123: hi\n"


def test_what_the_platform_says_is_passed_on(openclaw: OpenClaw, own: FakeGateway) -> None:
    own.answers["send"] = lambda gateway, socket, request: gateway.fail(
        socket, request, {"code": "UNAVAILABLE", "message": "chat not found"}
    )
    done = openclaw("message", "send", "-t", "1", "-m", "hi", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"]["message"] == "chat not found"


@pytest.mark.parametrize(
    ("target", "channel", "expected"),
    [
        ("123", None, (None, "123")),
        ("telegram:123", None, ("telegram", "123")),
        ("telegram:-100:topic:7", None, ("telegram", "-100:topic:7")),
        ("123:topic:7", "telegram", ("telegram", "123:topic:7")),
        ("telegram:", None, (None, "telegram:")),
    ],
)
def test_targets(target: str, channel: str | None, expected: tuple[str | None, str]) -> None:
    assert split_target(target, channel) == expected
