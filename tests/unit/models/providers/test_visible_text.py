"""Reasoning tags and split characters are handled wherever a stream cuts them."""

from __future__ import annotations

import pytest

from clawfleet.models.providers.visible_text import Surrogates, VisibleText


def read(pieces: list[str]) -> tuple[str, str]:
    text = VisibleText()
    parts = [text.feed(piece) for piece in pieces] + [text.close()]
    return "".join(shown for shown, _ in parts), "".join(thought for _, thought in parts)


CASES = [
    ("plain words", "plain words", ""),
    ("<think>hm</think>\n\nanswer", "answer", "hm"),
    ("  \n<think>hm</think> answer", "  \nanswer", "hm"),
    ("<Thinking>hm</THINKING>answer", "answer", "hm"),
    ("one <think>a</think>two<think>b</think> three", "one two three", "ab"),
    ("<think>never ends", "", "never ends"),
    ("stray</think> end", "stray end", ""),
    ("a < b and <thin> air </thinker>", "a < b and <thin> air </thinker>", ""),
    ("use `<think>` like this", "use `<think>` like this", ""),
    ("```\n<think>x</think>\n``` and <think>y</think>z", "```\n<think>x</think>\n``` and z", "y"),
    ("<think>in `ticks` here</think>out", "out", "in `ticks` here"),
    ("ends with <thi", "ends with <thi", ""),
    ("\n kept indent", "\n kept indent", ""),
    ("\U0001f600 <think>\u4f60\u597d</think>\u2028x", "\U0001f600 \u2028x", "\u4f60\u597d"),
]


@pytest.mark.parametrize(("text", "shown", "thought"), CASES)
def test_every_cut_in_two_gives_the_same_split(text: str, shown: str, thought: str) -> None:
    for cut in range(len(text) + 1):
        assert read([text[:cut], text[cut:]]) == (shown, thought)


@pytest.mark.parametrize(("text", "shown", "thought"), CASES)
def test_single_characters_give_the_same_split(text: str, shown: str, thought: str) -> None:
    assert read(list(text)) == (shown, thought)


def test_text_without_a_tag_is_not_held_back() -> None:
    text = VisibleText()
    assert [text.feed(piece)[0] for piece in ("one ", "two ", "x < y")] == ["one ", "two ", "x < y"]


def test_a_character_split_over_two_pieces_is_joined() -> None:
    assert read(["hi \ud83d", "\ude00!"]) == ("hi \U0001f600!", "")


def test_lone_halves_become_replacement_characters() -> None:
    assert read(["a\ud83d", "b\ude00c"]) == ("a\ufffdb\ufffdc", "")


def test_a_half_at_the_end_is_not_lost() -> None:
    surrogates = Surrogates()
    assert surrogates.feed("x\ud83d") == "x"
    assert surrogates.close() == "\ufffd"
    assert surrogates.close() == ""


def test_an_empty_piece_keeps_the_half() -> None:
    surrogates = Surrogates()
    assert [surrogates.feed(piece) for piece in ("\ud83d", "", "\ude00")] == ["", "", "\U0001f600"]
