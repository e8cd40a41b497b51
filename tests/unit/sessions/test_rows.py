"""A message reads back as it was written."""

import pytest

from clawfleet.core.messages import Image, Message, ToolCall
from clawfleet.sessions.rows import message_from_json, message_to_json


@pytest.mark.parametrize(
    "message",
    [
        Message("user", "hällo 👋\n"),
        Message("user", "look", images=(Image("image/png", "AAAA"),)),
        Message("assistant", "", tool_calls=(ToolCall("1", "exec", '{"command":"ls"}'),)),
        Message("tool", "out", tool_call_id="1", tool_name="exec", is_error=True),
    ],
)
def test_round_trip(message: Message) -> None:
    assert message_from_json(message_to_json(message)) == message


def test_what_is_empty_takes_no_room() -> None:
    assert message_to_json(Message("user", "x")) == '{"role":"user","text":"x"}'
