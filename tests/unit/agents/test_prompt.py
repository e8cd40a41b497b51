"""What a model is sent."""

from clawfleet.agents import prompt
from clawfleet.core.messages import Image, Message, ToolCall
from clawfleet.sessions.model import Entry


def entry(seq: int, run_id: str | None, role: str, text: str) -> Entry:
    return Entry("s", seq, f"e{seq}", run_id, 0, Message(role, text))  # type: ignore[arg-type]


def test_the_system_prompt_names_who_where_and_which_tools() -> None:
    text = prompt.system_prompt(
        agent_name="Clawy", workspace="/w", files={"SOUL.md": "Be kind.\n"}, tools=["exec"], extra="Answer in French."
    )
    for part in ("You are Clawy", "/w", "exec", "# SOUL.md\nBe kind.", "Answer in French."):
        assert part in text


def test_the_newest_part_that_fits_is_kept_and_the_question_always_is() -> None:
    history = [Message("user", "x" * 3000), Message("assistant", "y" * 100), Message("user", "z" * 100)]
    assert [m.text[0] for m in prompt.conversation(history, context_tokens=200)] == ["y", "z"]
    assert [m.text[0] for m in prompt.conversation(history, context_tokens=1)] == ["z"]
    assert len(prompt.conversation(history, context_tokens=100_000)) == 3


def test_an_unanswered_call_gets_a_result_that_says_so() -> None:
    said = Message("assistant", tool_calls=(ToolCall("1", "exec", "{}"), ToolCall("2", "exec", "{}")))
    mended = prompt.mend([said, Message("tool", "ok", tool_call_id="1"), Message("user", "next")])
    assert [(m.role, m.tool_call_id) for m in mended] == [
        ("assistant", None), ("tool", "1"), ("tool", "2"), ("user", None),
    ]  # fmt: skip
    assert mended[2].is_error
    assert "interrupted" in mended[2].text


def test_a_stray_result_is_dropped_and_ids_may_come_again_in_later_turns() -> None:
    call = Message("assistant", tool_calls=(ToolCall("1", "exec", "{}"),))
    first, second = Message("tool", "first", tool_call_id="1"), Message("tool", "second", tool_call_id="1")
    mended = prompt.mend([Message("tool", "stray", tool_call_id="9"), call, first, call, second])
    assert [m.text for m in mended if m.role == "tool"] == ["first", "second"]


def test_a_run_sees_earlier_runs_whole_and_later_questions_not_at_all() -> None:
    entries = [
        entry(1, "a", "user", "question a"),
        entry(2, "b", "user", "question b"),
        entry(3, "c", "user", "question c"),
        entry(4, "a", "assistant", "answer a"),
    ]
    assert [m.text for m in prompt.as_said_to("b", entries)] == ["question a", "answer a", "question b"]


def test_messages_without_a_run_stand_where_they_were_said() -> None:
    entries = [entry(1, None, "assistant", "note"), entry(2, "a", "user", "question")]
    assert [m.text for m in prompt.as_said_to("a", entries)] == ["note", "question"]


def test_a_text_only_model_is_told_that_a_picture_was_there() -> None:
    (message,) = prompt.without_images([Message("user", "look", images=(Image("image/png", "AA"),))])
    assert message.images == ()
    assert "image omitted" in message.text
