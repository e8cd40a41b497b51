"""Notes wait for a turn, in order, bounded, and are read once."""

from clawfleet.agents.system_events import MOST_PER_SESSION, MOST_SESSIONS, SystemEvents


def test_notes_are_taken_once_in_their_order() -> None:
    notes = SystemEvents()
    notes.note("main", "one")
    notes.note("main", "two\n lines")
    notes.note("other", "elsewhere")
    text = notes.take("main")
    assert text is not None and text.startswith("# System events\n- [")
    assert text.index("one") < text.index("two lines") and "elsewhere" not in text
    assert notes.take("main") is None and notes.waiting("main") == ()


def test_the_same_again_is_one_note() -> None:
    notes = SystemEvents()
    for text in ("a", "a", "b", "a"):
        notes.note("main", text)
    assert [note.text for note in notes.waiting("main")] == ["a", "b", "a"]


def test_the_oldest_go_when_there_are_too_many() -> None:
    notes = SystemEvents()
    for number in range(MOST_PER_SESSION + 1):
        notes.note("main", str(number))
    assert notes.waiting("main")[0].text == "1"
    for number in range(MOST_SESSIONS):
        notes.note(f"s{number}", "x")
    assert notes.waiting("main") == () and notes.waiting("s0") != ()
