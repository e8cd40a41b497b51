"""Chat completions requests: read, or refused in the words that clients know."""

import json
from typing import Any

import pytest

from clawfleet.core.messages import Image, ToolCall
from clawfleet.server.chat_request import BadChatRequest, read_chat_request, read_target, session_of

HELLO = [{"role": "user", "content": "hello"}]


def read(**body: Any) -> Any:
    return read_chat_request(json.dumps({"messages": HELLO} | body).encode())


def test_roles_are_kept_and_system_text_is_taken_out() -> None:
    asked = read(
        messages=[
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": ""},
            {"role": "developer", "content": [{"type": "text", "text": "and kind"}]},
            {"role": "user", "content": [{"type": "text", "text": "two"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
        ]
    )  # fmt: skip
    assert asked.system == "be brief\n\nand kind"
    assert [message.role for message in asked.messages] == ["user", "assistant", "tool", "user"]
    assert asked.messages[1].tool_calls == (ToolCall("c1", "f", "{}"),)
    assert asked.asked.text == "two"
    assert asked.asked.images == (Image("image/png", "AAAA"),)


def test_sampling_prefers_max_completion_tokens_and_takes_null() -> None:
    asked = read(max_tokens=5, max_completion_tokens=9, temperature=0.5, stop="END", tools=None, tool_choice=None, n=3)
    assert (asked.sampling.max_tokens, asked.sampling.temperature, asked.sampling.stop) == (9, 0.5, ("END",))
    assert asked.tools == ()


@pytest.mark.parametrize(
    ("model", "agent"),
    [(None, None), ("", None), ("openclaw", None), ("OPENCLAW/default", None), ("openclaw/Ops", "ops"),
     ("openclaw:ops", "ops"), ("agent:ops", "ops")],
)  # fmt: skip
def test_the_model_names_an_agent(model: str | None, agent: str | None) -> None:
    assert read_target(model) == agent


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"messages": []}, "Missing user message in `messages`."),
        ({"messages": [{"role": "system", "content": "x"}]}, "Missing user message in `messages`."),
        ({"messages": "hello"}, "messages: Invalid input"),
        ({"temperature": 3}, "`temperature` must be between 0 and 2."),
        ({"stop": list("abcde")}, "Invalid stop: stop supports at most 4 sequences"),
        ({"model": "gpt-4"}, "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`."),
        ({"response_format": {"type": "xml"}}, "Invalid response_format"),
        ({"tools": [{"type": "web"}]}, "Invalid tools/tool_choice"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}],
          "tool_choice": {"type": "function", "function": {"name": "zzz"}}}, "requested unknown tool: zzz"),
        ({"user": 5}, "user: Invalid input"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}]},
         "Invalid image_url content in `messages`."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(body: dict[str, Any], message: str) -> None:
    with pytest.raises(BadChatRequest) as caught:
        read(**body)
    assert message in caught.value.message


def test_a_body_that_is_no_json_is_said_to_be() -> None:
    with pytest.raises(BadChatRequest, match="not JSON"):
        read_chat_request(b"{nope")


def test_sessions_by_header_by_user_or_fresh() -> None:
    assert session_of(read(), "mythread", "id") == ("mythread", False)
    assert session_of(read(user="u1"), None, "id") == ("openai-user:u1", False)
    assert session_of(read(), None, "id") == ("openai:id", True)
    for reserved in ("cron:x", "agent:main:subagent:1"):
        with pytest.raises(BadChatRequest, match="reserved"):
            session_of(read(), reserved, "id")
