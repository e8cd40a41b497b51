"""Long texts are cut where a reader would cut them."""

import pytest

from clawfleet.channels.chunks import chunks
from clawfleet.channels.markdown import Rich, Span


def cut(text: str, limit: int, spans: tuple[Span, ...] = ()) -> list[str]:
    return [part.text for part in chunks(Rich(text, spans), lambda rich: len(rich.text) <= limit, limit)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("short", ["short"]),
        ("aaa aaa\n\nbbb bbb\nccc", ["aaa aaa", "bbb bbb\nccc"]),
        ("aaa bbb ccc\nddd eee", ["aaa bbb ccc", "ddd eee"]),
        ("One two. Three four", ["One two.", "Three four"]),
        ("aaaa bbbb cccc dddd", ["aaaa bbbb", "cccc dddd"]),
        ("abcdefghijklmnopqr", ["abcdefghijkl", "mnopqr"]),
        ("a\n\nbbbbbbbbb ccccc", ["a\n\nbbbbbbbbb", "ccccc"]),
        ("\n\n  \n", []),
    ],
)
def test_a_text_is_cut_at_its_best_late_enough_break(text: str, parts: list[str]) -> None:
    assert cut(text, 12) == parts


def test_blank_lines_around_a_cut_are_dropped_and_indents_are_kept() -> None:
    assert cut("aaaaaaa\n\n\n\n  bbbbb", 8) == ["aaaaaaa", "  bbbbb"]


def test_what_fits_is_measured_as_it_will_be_sent() -> None:
    parts = chunks(Rich("&&&& &&&&"), lambda rich: len(rich.text.replace("&", "&amp;")) <= 20, 20)
    assert [part.text for part in parts] == ["&&&&", "&&&&"]


def test_code_is_cut_between_lines_only_and_loses_none() -> None:
    lines = [f"{'  ' * (number % 5)}call({number}, 'a b. c')" for number in range(40)]
    code = "\n".join(lines)
    parts = list(chunks(Rich(code, (Span(0, len(code), "pre", "py"),)), lambda rich: len(rich.text) <= 100, 100))
    assert "\n".join(part.text for part in parts) == code
    assert all(line in lines for part in parts for line in part.text.split("\n"))
    assert all(part.spans == (Span(0, len(part.text), "pre", "py"),) for part in parts)


def test_a_block_of_code_is_not_begun_where_it_could_stand_whole_in_the_next_part() -> None:
    text = "x" * 40 + "\n\n" + "line\n" * 12
    assert cut(text.strip(), 70, (Span(42, 101, "pre"),))[0] == "x" * 40


def test_a_single_endless_line_of_code_is_cut_hard() -> None:
    assert cut("x" * 25, 10, (Span(0, 25, "pre"),)) == ["x" * 10, "x" * 10, "x" * 5]


@pytest.mark.parametrize("character", ["e\u0301", "👩\u200d🔬", "❤\ufe0f"])
def test_a_hard_cut_takes_no_character_apart(character: str) -> None:
    parts = cut("x" * 9 + character + "y" * 9, 10)
    assert any(character in part for part in parts)


def test_where_nothing_fits_it_still_ends() -> None:
    assert [part.text for part in chunks(Rich("abc"), lambda _: False, 10)] == ["a", "b", "c"]
