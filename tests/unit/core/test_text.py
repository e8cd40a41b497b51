"""Text from outside that can be written: half a character breaks files, sockets and SQLite."""

import json
from typing import Any

import pytest

from clawfleet.core.text import printable, read_json, whole_characters


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("plain", "plain"),
        ("ü 世 👋", "ü 世 👋"),
        ("\ud83d\udc4b", "👋"),
        ("a\ud83d", "a\ufffd"),
        ("\udc4bz", "\ufffdz"),
    ],
)
def test_halves_are_joined_or_replaced(text: str, whole: str) -> None:
    assert whole_characters(text) == whole


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ('{"a": [1, "x", null]}', {"a": [1, "x", None]}),
        (r'"\ud83d\udc4b"', "👋"),
        (r'{"m": "cut \ud83d", "n": "\uDC4B"}', {"m": "cut \ufffd", "n": "\ufffd"}),
        (r'{"\ud83d": 1}', {"\ufffd": 1}),
        (r'"no escape: \\ud83d"', r"no escape: \ud83d"),
        (b'"\xed\xa0\xbd"', "\ufffd"),
        ('"\ud83d"', "\ufffd"),
        (b'"\xed\x95\x9c"', "한"),
    ],
)
def test_every_text_of_a_json_can_be_written(data: str | bytes, value: Any) -> None:
    assert read_json(data) == value
    json.dumps(read_json(data), ensure_ascii=False).encode()


@pytest.mark.parametrize("data", ["", "{", b"\xff\xfe\x00"])
def test_what_is_no_json_is_still_none(data: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(data)


def test_text_from_elsewhere_cannot_move_the_cursor() -> None:
    """Nor turn a line around; letters, signs and line breaks stay."""
    assert printable("a\x1b[2J\u202eb\x9bé 👩‍💻\n\tc\r") == "a\\u001b[2J\\u202eb\\u009bé 👩‍💻\n\tc\\u000d"
