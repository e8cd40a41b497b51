"""The words that strangers and scripts know."""

from clawfleet.channels.pairing_reply import APPROVED_TEXT, pairing_reply


def test_the_reply_says_who_what_and_how() -> None:
    assert pairing_reply("telegram", "42", "64UTZXV9").replace("```\n", "").replace("\n```", "") == (
        "OpenClaw: access not configured.\n"
        "\n"
        "Your Telegram user id: 42\n"
        "Pairing code:\n"
        "64UTZXV9\n"
        "Ask the bot owner to approve with:\n"
        "openclaw pairing approve telegram 64UTZXV9"
    )


def test_the_command_is_the_one_of_this_instance() -> None:
    assert "\nopenclaw --profile work pairing approve telegram X\n" in pairing_reply("telegram", "1", "X", "work")


def test_the_words_after_approval() -> None:
    assert APPROVED_TEXT == "✅ OpenClaw access approved. Send a message to start chatting."
