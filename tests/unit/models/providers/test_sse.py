"""The event splitter gives the same events however the network cuts the bytes."""

from __future__ import annotations

import random

import pytest

from clawfleet.models.providers.sse import EventTooLarge, SseParser

STREAM = (
    b": keep-alive\n\n"
    b'event: message\nid: 7\nretry: 10\ndata: {"a": 1}\n\n'
    b"data:no space\n\n"
    b"data: first\ndata: second\n\n"
    + 'data: {"t": "one\u2028two\u2029three\u0085four \U0001f600"}\n\n'.encode()
    + b"data\n\n"
    b"data: [DONE]\n\n"
)
EVENTS = [
    b'{"a": 1}',
    b"no space",
    b"first\nsecond",
    '{"t": "one\u2028two\u2029three\u0085four \U0001f600"}'.encode(),
    b"[DONE]",
]


def read(pieces: list[bytes]) -> list[bytes]:
    parser = SseParser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.close()


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_every_cut_in_two_gives_the_same_events(ending: bytes) -> None:
    stream = STREAM.replace(b"\n", ending)
    for cut in range(len(stream) + 1):
        assert read([stream[:cut], stream[cut:]]) == EVENTS


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_single_bytes_give_the_same_events(ending: bytes) -> None:
    stream = STREAM.replace(b"\n", ending)
    assert read([stream[i : i + 1] for i in range(len(stream))]) == EVENTS


def test_random_cuts_and_mixed_line_ends_give_the_same_events() -> None:
    rng = random.Random(8317)
    for _ in range(500):
        blocks = (block + b"\n\n" for block in STREAM.split(b"\n\n")[:-1])
        stream = b"".join(block.replace(b"\n", rng.choice([b"\n", b"\r\n", b"\r"])) for block in blocks)
        pieces: list[bytes] = []
        while stream:
            size = rng.randint(0, 17)
            pieces.append(stream[:size])
            stream = stream[size:]
        assert read(pieces) == EVENTS


def test_a_byte_order_mark_is_skipped() -> None:
    assert read([b"\xef\xbb", b"\xbfdata: x\n\n"]) == [b"x"]


def test_an_event_without_its_blank_line_counts_at_the_end() -> None:
    assert read([b"data: {}\n"]) == [b"{}"]


def test_a_line_cut_in_the_middle_is_dropped() -> None:
    assert read([b'data: {"text": "hal']) == []


def test_an_end_mark_without_a_line_end_still_counts() -> None:
    assert read([b"data: {}\n\ndata: [DONE]"]) == [b"{}", b"[DONE]"]


def test_an_endless_event_is_refused() -> None:
    parser = SseParser(max_event_bytes=100)
    with pytest.raises(EventTooLarge):
        for _ in range(20):
            parser.feed(b"data: 1234567")


def test_many_data_lines_of_one_event_are_bounded_together() -> None:
    parser = SseParser(max_event_bytes=100)
    with pytest.raises(EventTooLarge):
        for _ in range(20):
            parser.feed(b"data: 1234567\n")


def test_keep_alive_comments_never_add_up() -> None:
    parser = SseParser(max_event_bytes=100)
    for _ in range(100):
        assert parser.feed(b": keep-") == []
        assert parser.feed(b"alive\n\n") == []


def test_many_small_events_are_not_an_endless_one() -> None:
    parser = SseParser(max_event_bytes=100)
    assert len([event for _ in range(50) for event in parser.feed(b"data: 1234567\n\n")]) == 50
