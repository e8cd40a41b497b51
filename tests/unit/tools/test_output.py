"""Output kept within bounds and shown while it grows."""

from __future__ import annotations

import asyncio

import pytest

from clawfleet.tools import output as module
from clawfleet.tools.output import DROPPED, HEAD, LIMIT, TAIL, BoundedText, LiveOutput, for_model


def test_short_output_is_kept_as_it_came() -> None:
    """Nothing is added to what fits."""
    kept = BoundedText()
    for piece in (b"a", b"", b"bc\n"):
        kept.feed(piece)
    assert kept.text() == "abc\n"
    assert kept.end(2) == "c\n"


def test_characters_split_between_reads_stay_whole() -> None:
    """A read may end in the middle of a character; a broken one becomes a mark instead of an error."""
    kept = BoundedText()
    for byte in "aé€😀".encode():
        kept.feed(bytes([byte]))
    kept.feed(b"\xff")
    kept.feed("é".encode()[:1])
    kept.feed(b"", final=True)
    assert kept.text() == "aé€😀\ufffd\ufffd"


@pytest.mark.parametrize("piece", [1, 7, 4_095, 4_096, 65_536, 1_000_000])
def test_long_output_keeps_both_ends_and_says_how_much_is_gone(piece: int) -> None:
    """However it arrives, the first and the last part stay, in bounded memory."""
    whole = "".join(f"{number:07}\n" for number in range(50_000))
    step = piece if piece > 1 else 997
    kept = BoundedText()
    for start in range(0, len(whole), step):
        kept.feed(whole[start : start + step].encode())
    lost = len(whole) - LIMIT
    assert kept.text() == f"{whole[:HEAD]}\n{DROPPED} ({lost} characters)\n{whole[-TAIL:]}"
    assert kept.end(16) == whole[-16:]
    assert sum(map(len, kept._tail)) < TAIL + max(step, 8_192)


def test_single_bytes_do_not_become_single_objects() -> None:
    """A program that prints one byte at a time costs no more than one that prints lines."""
    kept = BoundedText()
    for _ in range(HEAD + 50_000):
        kept.feed(b"x")
    assert len(kept._tail) < 50


async def test_growth_is_reported_at_once_and_then_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first words show immediately; a flood becomes a few reports, the last of them complete."""
    monkeypatch.setattr(module, "SHOW_EVERY_S", 0.02)
    heard: list[str] = []
    complete = asyncio.Event()

    def report(text: str) -> None:
        heard.append(text)
        if text.endswith("99 "):
            complete.set()

    live = LiveOutput(report)
    for number in range(100):
        live.feed(f"{number} ".encode())
    assert heard == ["0 "]
    async with asyncio.timeout(30):
        await complete.wait()
    assert len(heard) == 2
    assert live.close().endswith("99 ")


async def test_nothing_is_reported_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed output keeps its text and falls silent."""
    monkeypatch.setattr(module, "SHOW_EVERY_S", 0.001)
    heard: list[str] = []
    live = LiveOutput(heard.append)
    live.feed(b"one ")
    live.feed(b"two")
    assert live.close() == "one two"
    assert live._timer is None
    assert heard == ["one "]


@pytest.mark.parametrize(
    ("context_tokens", "limit"),
    [(8_000, 16_000), (99_999, 16_000), (128_000, 32_000), (200_000, 64_000), (1_000_000, 64_000)],
)
def test_a_result_is_cut_to_what_the_model_can_take(context_tokens: int, limit: int) -> None:
    """A larger window reads more; what is left out is counted, and what fits is untouched."""
    assert for_model("x" * limit, context_tokens) == "x" * limit
    cut = for_model("x" * (limit + 7), context_tokens)
    assert cut == "x" * limit + "\n[... 7 more characters truncated; rerun with narrower args if needed]"
