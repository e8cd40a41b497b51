"""As much of a conversation as a model is shown."""

from clawfleet.agents import history
from clawfleet.core.messages import Image, Message, ToolCall
from clawfleet.sessions.model import Entry


def entry(seq: int, run_id: str | None, role: str, text: str) -> Entry:
    return Entry("s", seq, f"e{seq}", run_id, 0, Message(role, text))  # type: ignore[arg-type]


def test_the_newest_part_that_fits_is_kept_and_the_question_always_is() -> None:
    before, own = [Message("user", "x" * 3000), Message("assistant", "y" * 100)], [Message("user", "z" * 100)]
    assert [m.text[0] for m in history.fitting(before, own, 150)] == ["y", "z"]
    assert [m.text[0] for m in history.fitting(before, own, 1)] == ["z"]
    assert len(history.fitting(before, own, 75_000)) == 3


def test_a_turn_that_is_too_long_by_itself_shows_both_ends_of_its_earlier_results() -> None:
    steps = [Message("user", "do it")]
    for number in (1, 2):
        steps.append(Message("assistant", tool_calls=(ToolCall(str(number), "exec", "{}"),)))
        steps.append(Message("tool", "a" * 5_000 + "z" * 5_000, tool_call_id=str(number)))
    first, second = (m.text for m in history.fitting((), steps, 5_000) if m.role == "tool")
    assert first == f"{'a' * 1500}\n[... 7000 characters left out here ...]\n{'z' * 1500}"
    assert len(second) == 10_000
    assert [len(m.text) for m in history.fitting((), steps, 50_000) if m.role == "tool"] == [10_000, 10_000]


def test_an_unanswered_call_gets_a_result_that_says_so() -> None:
    said = Message("assistant", tool_calls=(ToolCall("1", "exec", "{}"), ToolCall("2", "exec", "{}")))
    mended = history.mend([said, Message("tool", "ok", tool_call_id="1"), Message("user", "next")])
    assert [(m.role, m.tool_call_id) for m in mended] == [
        ("assistant", None), ("tool", "1"), ("tool", "2"), ("user", None),
    ]  # fmt: skip
    assert mended[2].is_error
    assert "stopped before" in mended[2].text


def test_results_stand_in_the_order_of_their_calls_whenever_they_came() -> None:
    said = Message("assistant", tool_calls=(ToolCall("1", "ls", "{}"), ToolCall("2", "ls", "{}")))
    late, early = Message("tool", "late", tool_call_id="1"), Message("tool", "early", tool_call_id="2")
    assert [m.text for m in history.mend([said, early, late])] == ["", "late", "early"]


def test_a_stray_result_is_dropped_and_ids_may_come_again_in_later_turns() -> None:
    call = Message("assistant", tool_calls=(ToolCall("1", "exec", "{}"),))
    first, second = Message("tool", "first", tool_call_id="1"), Message("tool", "second", tool_call_id="1")
    mended = history.mend([Message("tool", "stray", tool_call_id="9"), call, first, call, second])
    assert [m.text for m in mended if m.role == "tool"] == ["first", "second"]


def test_a_run_sees_earlier_runs_whole_and_later_questions_not_at_all() -> None:
    entries = [
        entry(1, "a", "user", "question a"),
        entry(2, "b", "user", "question b"),
        entry(3, "c", "user", "question c"),
        entry(4, "a", "assistant", "answer a"),
    ]
    before, own = history.as_said_to("b", entries)
    assert [m.text for m in before] == ["question a", "answer a"]
    assert [m.text for m in own] == ["question b"]


def test_messages_without_a_run_stand_where_they_were_said() -> None:
    entries = [entry(1, None, "assistant", "note"), entry(2, "a", "user", "question")]
    assert [[m.text for m in part] for part in history.as_said_to("a", entries)] == [["note"], ["question"]]


def test_a_text_only_model_is_told_that_a_picture_was_there() -> None:
    (message,) = history.without_images([Message("user", "look", images=(Image("image/png", "AA"),))])
    assert message.images == ()
    assert "image omitted" in message.text


def test_the_reserve_is_a_quarter_of_a_small_window_and_fixed_in_a_large_one() -> None:
    assert (history.room(8_000), history.room(200_000)) == (6_000, 180_000)
