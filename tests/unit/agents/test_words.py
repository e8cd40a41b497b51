"""The words of an answer are told as they come, but a long answer is not repeated with every one of them."""

import pytest

from clawfleet.agents.words import MOMENT_S, Words


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_words_are_told_one_by_one() -> None:
    words = Words(Clock())
    assert [words.hear(word) for word in ("Hel", "lo", " you")] == ["Hel", "lo", " you"]
    assert words.told == words.text == "Hello you"
    assert words.rest() == ""


def test_of_a_long_answer_more_must_be_new() -> None:
    words = Words(Clock())
    words.hear("x" * 3200)
    assert words.hear("y" * 99) == ""
    assert words.text == "x" * 3200 + "y" * 99
    assert words.told == "x" * 3200
    assert words.hear("z") == "y" * 99 + "z"


def test_a_slow_answer_is_told_word_by_word_however_long_it_is() -> None:
    clock = Clock()
    words = Words(clock)
    words.hear("x" * 100_000)
    for word in ("one", "two"):
        clock.now += 2 * MOMENT_S
        assert words.hear(word) == word


def test_what_waits_at_the_end_is_told_then() -> None:
    words = Words(Clock())
    words.hear("x" * 1000)
    words.hear("end")
    assert words.rest() == "end"
    assert words.told == words.text


@pytest.mark.parametrize("size", [1_000, 10_000, 100_000])
def test_all_tellings_together_weigh_a_multiple_of_the_answer(size: int) -> None:
    words = Words(Clock())
    weight = 0
    for _ in range(size // 5):
        if words.hear("word "):
            weight += len(words.told)
    words.rest()
    assert len(words.told) == size
    assert weight < 50 * size


def test_nothing_heard_is_nothing_told() -> None:
    words = Words(Clock())
    assert (words.hear(""), words.rest(), words.text) == ("", "", "")
