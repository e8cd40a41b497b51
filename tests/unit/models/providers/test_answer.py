"""An answer is gathered alike whatever the wire."""

from __future__ import annotations

import pytest

from clawfleet.core.messages import ToolCall, Usage
from clawfleet.models.providers.answer import Answer, count, objects, string
from clawfleet.models.providers.base import Event, Finished, ReasoningDelta, TextDelta, ToolCalled
from clawfleet.models.providers.failures import BadReply, Site


@pytest.fixture
def answer() -> Answer:
    return Answer(Site("p", "m", "http://127.0.0.1:1"))


def test_chunks_are_objects(answer: Answer) -> None:
    assert answer.read(b' {"a": "x\ny"} ') == {"a": "x\ny"}
    assert answer.read(b" ") == {}
    for broken in (b"[1]", b"{", b"null"):
        with pytest.raises(BadReply, match="not a JSON object"):
            answer.read(broken)


def test_thinking_in_the_text_goes_apart(answer: Answer) -> None:
    events: list[Event] = []
    for piece in ("<thi", "nk>hm</think>Yes", None, ""):
        events += answer.text(piece)
    events += answer.reasoning("why")
    events += answer.reasoning(7)
    assert events == [ReasoningDelta("hm"), TextDelta("Yes"), ReasoningDelta("why")]
    assert answer.end("stop") == [Finished("stop", Usage())]


def test_held_text_comes_before_the_calls(answer: Answer) -> None:
    answer.usage = Usage(1, 2)
    assert answer.text("a <thi") == [TextDelta("a ")]
    answer.call(index=0, call_id="c", name="exec", arguments="{")
    answer.call(index=0, arguments="}")
    assert answer.end("stop") == [
        TextDelta("<thi"),
        ToolCalled(ToolCall("c", "exec", "{}")),
        Finished("toolUse", Usage(1, 2)),
    ]


def test_a_tool_stop_without_a_call_is_a_stop(answer: Answer) -> None:
    assert answer.end("toolUse") == [Finished("stop", Usage())]


def test_broken_calls_are_refused(answer: Answer) -> None:
    answer.call(name="exec", arguments="{")
    with pytest.raises(BadReply, match="token limit"):
        answer.end("length")
    with pytest.raises(BadReply, match="malformed tool call"):
        answer.end("stop")
    with pytest.raises(BadReply, match="longer than"):
        answer.call(arguments="x" * 300_000)


def test_values_of_the_wrong_type_count_as_absent() -> None:
    assert (string(7), string("a"), count(-1), count("1"), count(3)) == ("", "a", 0, 0, 3)
    assert (objects([{"a": 1}, 2]), objects(None)) == ([{"a": 1}], [])
