"""What an answer says to the channel is obeyed and not shown."""

import pytest

from clawfleet.channels.directives import ReplyText, read_reply


@pytest.mark.parametrize("answer", ["NO_REPLY", "no_reply", "  NO_REPLY\n", ""])
def test_silence_is_silent(answer: str) -> None:
    assert read_reply(answer).text == ""


def test_a_trailing_silent_token_is_taken_off_and_one_in_a_sentence_is_not() -> None:
    assert read_reply("Done.\nNO_REPLY").text == "Done."
    assert read_reply("Say NO_REPLY to be silent.").text == "Say NO_REPLY to be silent."


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[[reply_to_current]] Yes", ReplyText("Yes", "")),
        ("Yes [[reply_to:77]]", ReplyText("Yes ", "77")),
        ("[[ reply_to : 77 ]]\nYes", ReplyText("Yes", "77")),
        ("[[reply_to:1]] a [[reply_to:2]]b", ReplyText("a b", "1")),
        ("Yes", ReplyText("Yes", None)),
        ("x = a[[0]]", ReplyText("x = a[[0]]", None)),
    ],
)
def test_reply_tags_are_read_and_removed(answer: str, expected: ReplyText) -> None:
    assert read_reply(answer) == expected
