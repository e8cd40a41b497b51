"""What single servers want otherwise of a conversation."""

from __future__ import annotations

from clawfleet.core.messages import Image, Message, Thought, ToolCall
from clawfleet.models.providers.base import Endpoint
from clawfleet.models.providers.compat import compat_of
from clawfleet.models.providers.completions_messages import messages_of

CALL = ToolCall("c1", "exec", "{}")
TALK = (
    Message("user", "look"),
    Message("assistant", "", tool_calls=(CALL,), thoughts=(Thought("lan/m", "", "Hm."),)),
    Message("tool", "", tool_call_id="c1", tool_name="exec", images=(Image("image/png", "AAAA"),)),
    Message("user", "and?"),
)


def sent(url: str = "http://127.0.0.1:1/v1", origin: str = "lan/m", **compat: object) -> list[dict[str, object]]:
    endpoint = Endpoint("lan", url, compat=compat)
    return list(messages_of(TALK, endpoint, compat_of(url, compat), origin))


def test_nothing_special_is_said_by_itself() -> None:
    assert sent()[1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "exec", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "[image/png left out: this model reads text only]"},
        {"role": "user", "content": "and?"},
    ]


def test_reasoning_goes_back_where_it_is_wanted() -> None:
    assert sent("https://api.deepseek.com")[1]["reasoning_content"] == "Hm."
    assert sent("https://api.deepseek.com", origin="lan/other")[1].get("reasoning_content") is None
    assert sent(requiresReasoningContentOnAssistantMessages=True)[1]["reasoning_content"] == "Hm."
    assert sent(origin="x/y", requiresReasoningContentOnAssistantMessages=True)[1]["reasoning_content"] == ""


def test_reasoning_can_go_back_as_text() -> None:
    assert sent(requiresThinkingAsText=True)[1]["content"] == [{"type": "text", "text": "Hm."}]
    assert sent(requiresThinkingAsText=True, requiresStringContent=True)[1]["content"] == "Hm."


def test_results_have_names_and_are_followed_where_it_is_wanted() -> None:
    assert sent(requiresToolResultName=True)[2]["name"] == "exec"
    followed = sent(requiresAssistantAfterToolResult=True)
    assert [entry["role"] for entry in followed] == ["user", "assistant", "tool", "assistant", "user"]


def test_only_two_keys_where_more_are_refused() -> None:
    assert all(set(entry) == {"role", "content"} for entry in sent(strictMessageKeys=True))
