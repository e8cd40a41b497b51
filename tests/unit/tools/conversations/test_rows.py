"""Sessions and messages as a model sees them."""

from __future__ import annotations

import pytest

from clawfleet.core.messages import Image, Message, ToolCall
from clawfleet.sessions.model import Entry, LastRun, Session
from clawfleet.tools.conversations.rows import BYTES_LIMIT, OMITTED, history_of, is_subagent, kind_of, session_row


def entry(seq: int, message: Message) -> Entry:
    return Entry("s", seq, f"e{seq}", "r", 1000 + seq, message)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("agent:main:main", "main"),
        ("agent:main:telegram:group:-7", "group"),
        ("agent:main:discord:channel:1", "group"),
        ("agent:main:cron:job:run:1", "cron"),
        ("agent:main:hook:x", "hook"),
        ("agent:main:node:x", "node"),
        ("agent:main:subagent:1", "other"),
        ("agent:main:telegram:direct:1", "other"),
    ],
)
def test_kinds(key: str, kind: str) -> None:
    assert kind_of(key) == kind
    assert is_subagent(key) is ("subagent" in key)


def test_a_row_has_the_documented_fields() -> None:
    session = Session("agent:main:telegram:group:-7", "id", "main", 1, 2, model="p/m", context_used=5, input_tokens=3)
    row = session_row(session, running=False)
    assert row == {
        "key": "agent:main:telegram:group:-7",
        "sessionId": "id",
        "agentId": "main",
        "kind": "group",
        "channel": "telegram",
        "archived": False,
        "pinned": False,
        "updatedAt": 2,
        "model": "p/m",
        "contextTokens": 5,
        "totalTokens": 3,
        "status": "done",
        "abortedLastRun": False,
    }
    assert session_row(session, running=True)["status"] == "running"
    killed = Session("agent:main:main", "id", "main", 1, 2, last_run=LastRun("r", "killed", None, 1, 2))
    row = session_row(killed, running=False)
    assert (row["status"], row["abortedLastRun"], row["channel"]) == ("killed", True, "internal")


CALL = ToolCall("c", "exec", '{"command": "ls"}')
TALK = (
    entry(1, Message("user", "hello secret-word", images=(Image("image/png", "x"),))),
    entry(2, Message("assistant", "", tool_calls=(CALL,))),
    entry(3, Message("tool", "files", tool_call_id="c", tool_name="exec")),
    entry(4, Message("assistant", "done")),
    entry(5, Message("system", "Reset")),
)


def hide(text: str) -> str:
    return text.replace("secret-word", "***")


def test_tools_are_shown_when_asked_for() -> None:
    """Secrets never, pictures as a number."""
    plain = history_of(TALK, hide, with_tools=False)
    assert [(row["role"], row["content"]) for row in plain.messages] == [("user", "hello ***"), ("assistant", "done")]
    assert (plain.redacted, plain.cut, plain.dropped) == (True, False, 0)
    assert plain.messages[0]["images"] == 1
    whole = history_of(TALK, hide, with_tools=True)
    assert [row["role"] for row in whole.messages] == ["user", "assistant", "toolResult", "assistant"]
    assert whole.messages[1]["toolCalls"] == [{"name": "exec", "arguments": CALL.arguments}]


def test_long_texts_are_cut() -> None:
    history = history_of([entry(1, Message("user", "x" * 5000))], hide, with_tools=False)
    assert history.cut
    assert len(str(history.messages[0]["content"])) < 4100


def test_the_newest_messages_stay() -> None:
    """All together up to a bound."""
    history = history_of([entry(n, Message("user", f"{n} " + "x" * 3990)) for n in range(100)], hide, with_tools=False)
    assert history.bytes <= BYTES_LIMIT
    assert history.dropped == 100 - len(history.messages)
    assert str(history.messages[-1]["content"]).startswith("99 ")


def test_one_message_too_large_is_named() -> None:
    calls = tuple(ToolCall(str(n), "exec", '{"command": "' + "x" * 4000 + '"}') for n in range(30))
    history = history_of([entry(1, Message("assistant", "a", tool_calls=calls))], hide, with_tools=True)
    assert history.messages[0]["content"] == OMITTED
