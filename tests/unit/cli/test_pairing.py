"""openclaw pairing: the table, the approval, and what is said when something is wrong."""

import asyncio
import json
from typing import Any

import pytest

from clawfleet.access.pairing import PairingStore
from clawfleet.cli.pairing import _shown
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from tests.support.fake_telegram import TelegramControl
from tests.unit.cli.conftest import Home, OpenClaw


def in_store(home: Home, work: Any) -> Any:
    """What an async function of the home's pairing store returns."""

    async def run() -> Any:
        db = await Database.open(home.store_dir / "gateway.sqlite", MIGRATIONS)
        try:
            return await work(PairingStore(db))
        finally:
            await db.close()

    return asyncio.run(run())


def stranger(home: Home, sender: str = "42", *, account: str = "default", **meta: str) -> str:
    """The code of somebody who now waits."""
    request = in_store(home, lambda store: store.request("telegram", account, sender, meta))
    return str(request.code)


def approved(home: Home) -> set[str]:
    return set(in_store(home, lambda store: store.approved_ids("telegram", "default")))


@pytest.mark.parametrize("args", [("telegram",), ("--channel", "telegram"), ()])
def test_nobody_waits(openclaw: OpenClaw, args: tuple[str, ...]) -> None:
    result = openclaw("pairing", "list", *args)
    assert (result.exit_code, result.stdout) == (0, "No pending telegram pairing requests.\n")


def test_a_channel_that_is_not_configured_has_nobody_waiting(openclaw: OpenClaw) -> None:
    done = openclaw("pairing", "list", "whatsapp")
    assert (done.exit_code, done.stdout) == (0, "No pending whatsapp pairing requests.\n")
    assert done.stderr == "! whatsapp is not a channel of this gateway; it has: telegram\n"


@pytest.mark.parametrize(
    "verb", [("list", "telegarm"), ("approve", "telegarm", "X"), ("list", "--channel", "telegarm")]
)
def test_a_channel_that_does_not_exist_is_told_with_those_that_do(openclaw: OpenClaw, verb: tuple[str, ...]) -> None:
    done = openclaw("pairing", *verb)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "✗ There is no channel 'telegarm'.\n  channels of this gateway: telegram\n"


def test_an_approval_without_a_code_says_what_is_missing(openclaw: OpenClaw) -> None:
    done = openclaw("pairing", "approve")
    assert done.exit_code == 2
    assert done.stderr == "✗ The code is missing.\n  openclaw pairing approve [channel] <code>\n"


def test_looking_makes_no_files(openclaw: OpenClaw, home: Home) -> None:
    openclaw("pairing", "list", "telegram")
    assert not home.store_dir.exists()


def test_those_who_wait_are_listed_with_their_codes(openclaw: OpenClaw, home: Home) -> None:
    code = stranger(home, username="al", firstName="Al")
    stranger(home, "43")
    lines = openclaw("pairing", "list", "telegram").stdout.splitlines()
    assert lines[0] == "Pairing requests (2)"
    assert [head.strip() for head in lines[2].strip("│").split("│")] == ["Code", "telegramUserId", "Meta", "Requested"]
    row = next(line for line in lines if code in line)
    assert " 42 " in row and '"username": "al"' in row
    assert len({len(line) for line in lines[1:]}) == 1


def test_json_has_what_scripts_read(openclaw: OpenClaw, home: Home) -> None:
    code = stranger(home, username="al", firstName="Al")
    told = json.loads(openclaw("pairing", "list", "telegram", "--json").stdout)
    assert told["channel"] == "telegram"
    (row,) = told["requests"]
    assert (row["id"], row["code"]) == ("42", code)
    assert row["meta"] == {"username": "al", "firstName": "Al", "accountId": "default"}
    assert row["createdAt"].endswith("Z") and row["lastSeenAt"] == row["createdAt"]


def test_a_strangers_name_cannot_move_the_cursor() -> None:
    assert _shown("a\x1b[2J\u202eb\u009bé 😀") == "a\\u001b[2J\\u202eb\\u009bé 😀"


def test_only_the_asked_account_is_listed(openclaw: OpenClaw, home: Home) -> None:
    stranger(home, account="ops")
    assert "No pending" in openclaw("pairing", "list", "telegram", "--account", "default").stdout
    assert "(1)" in openclaw("pairing", "list", "telegram", "--account", "ops").stdout


@pytest.mark.parametrize("verb", [("list", "telegram"), ("approve", "telegram", "X")])
def test_a_blank_account_is_refused(openclaw: OpenClaw, verb: tuple[str, ...]) -> None:
    result = openclaw("pairing", *verb, "--account", "")
    assert result.exit_code == 1 and "--account must not be blank" in result.stderr


@pytest.mark.parametrize("form", [("telegram", "{}"), ("{}",), ("--channel", "telegram", "{}")])
def test_approving_lets_in_and_makes_the_first_one_the_owner(
    openclaw: OpenClaw, home: Home, form: tuple[str, ...]
) -> None:
    home.write_config('{"gateway": {"mode": "local"}, "channels": {"telegram": {}}}')
    code = stranger(home)
    result = openclaw("pairing", "approve", *(word.format(code.lower()) for word in form))
    assert (result.exit_code, result.stdout) == (
        0,
        "Approved telegram sender 42.\nCommand owner configured telegram:42 (commands.ownerAllowFrom was empty).\n",
    )
    assert result.stderr == "Written to ~/.openclaw/openclaw.json\n"
    assert approved(home) == {"42"}
    assert json.loads(home.config_path.read_text())["commands"] == {"ownerAllowFrom": ["telegram:42"]}
    second = openclaw("pairing", "approve", "telegram", stranger(home, "43"))
    assert second.stdout == "Approved telegram sender 43.\n"


@pytest.mark.parametrize("has_store", [True, False])
def test_a_wrong_code_says_how_to_find_the_right_one(openclaw: OpenClaw, home: Home, has_store: bool) -> None:
    if has_store:
        stranger(home)
    result = openclaw("pairing", "approve", "telegram", "ZZZZZZZZ")
    assert result.exit_code == 1
    assert (
        'No pending pairing request found for code "ZZZZZZZZ". '
        "Run openclaw pairing list --channel telegram to list pending requests."
    ) in result.stderr


def test_the_hint_names_the_profile(openclaw: OpenClaw) -> None:
    result = openclaw("pairing", "approve", "telegram", "ZZZZZZZZ", OPENCLAW_PROFILE="work")
    assert "Run openclaw --profile work pairing list" in result.stderr


@pytest.mark.parametrize("words", [("a", "b", "c"), ("telegram", "X", "--channel", "discord")])
def test_words_that_make_no_sense_are_refused(openclaw: OpenClaw, words: tuple[str, ...]) -> None:
    result = openclaw("pairing", "approve", *words)
    assert result.exit_code == 1 and "Too many words" in result.stderr


def test_a_config_that_cannot_be_changed_is_told_and_the_approval_holds(openclaw: OpenClaw, home: Home) -> None:
    code = stranger(home)
    result = openclaw("pairing", "approve", "telegram", code, OPENCLAW_CONFIG_READONLY="1")
    assert result.exit_code == 0 and "Approved telegram sender 42." in result.stdout
    assert "config set commands.ownerAllowFrom" in result.stderr
    assert approved(home) == {"42"}


def test_the_person_is_told_when_asked_for(openclaw: OpenClaw, home: Home, fake_telegram: TelegramControl) -> None:
    home.write_config(json.dumps({"channels": {"telegram": fake_telegram.channel()}}))
    fake_telegram.add_chat({"id": 42, "type": "private"})
    result = openclaw("pairing", "approve", "telegram", stranger(home), "--notify")
    assert result.exit_code == 0 and result.stderr == "Written to ~/.openclaw/openclaw.json\n"
    assert [message["text"] for message in fake_telegram.sent()] == [
        "✅ OpenClaw access approved. Send a message to start chatting."
    ]


def test_a_person_who_cannot_be_told_is_approved_all_the_same(
    openclaw: OpenClaw, home: Home, fake_telegram: TelegramControl
) -> None:
    home.write_config(json.dumps({"channels": {"telegram": fake_telegram.channel()}}))
    result = openclaw("pairing", "approve", "telegram", stranger(home), "--notify")
    assert result.exit_code == 0 and "Failed to notify requester" in result.stderr
    assert approved(home) == {"42"}
