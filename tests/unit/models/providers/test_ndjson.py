"""Lines come out whole, however the network cuts them."""

from __future__ import annotations

import pytest

from clawfleet.models.providers.ndjson import LineParser
from clawfleet.models.providers.sse import EventTooLarge

TEXT = '{"a":"ü"}\n\r\n{"b":1}\r\n{"c":2}'.encode()


@pytest.mark.parametrize("size", range(1, len(TEXT) + 1))
def test_lines_are_the_same_however_they_are_cut(size: int) -> None:
    parser, lines = LineParser(), []
    for start in range(0, len(TEXT), size):
        lines += parser.feed(TEXT[start : start + size])
    lines += parser.close()
    assert [line.strip().decode() for line in lines] == ['{"a":"ü"}', '{"b":1}', '{"c":2}']
    assert parser.close() == []


def test_an_endless_line_is_refused() -> None:
    parser = LineParser(10)
    with pytest.raises(EventTooLarge):
        parser.feed(b"x" * 11)
