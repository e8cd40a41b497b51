"""An answer is streamed until its end mark; what is lost after the end of the answer does not matter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from clawfleet.core.messages import Usage
from clawfleet.models.providers.base import Endpoint, Event, Finished, TextDelta
from clawfleet.models.providers.call import Call
from clawfleet.models.providers.failures import Site, StreamCut, stream_cut
from clawfleet.models.providers.streaming import streamed

SITE = Site("p", "m", "http://127.0.0.1:1")
CALL = Call("http://127.0.0.1:1/x", {"a": 1}, {"k": "v"}, Endpoint("p", "http://127.0.0.1:1"), SITE)
END = Finished("stop", Usage())


class Words:
    """A wire on which `.` finishes the answer and `!` is the end mark."""

    def __init__(self) -> None:
        self.is_done = False
        self.is_finished = False

    def feed(self, data: bytes) -> list[Event]:
        self.is_done = data == b"!"
        self.is_finished = self.is_finished or data in (b".", b"!")
        return [] if self.is_finished else [TextDelta(data.decode())]

    def close(self) -> list[Event]:
        if not self.is_finished:
            raise stream_cut(SITE)
        return [END]


class Wire:
    """An `Http` that plays batches, an exception among them."""

    def __init__(self, *batches: Any) -> None:
        self.batches = batches
        self.asked: Call | None = None
        self.log: list[str] = []

    @asynccontextmanager
    async def send(self, call: Call) -> AsyncIterator[Any]:
        self.asked = call
        yield self

    async def __aiter__(self) -> AsyncIterator[list[bytes]]:
        for batch in self.batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch

    def hurry(self) -> None:
        self.log.append("hurry")

    async def settle(self) -> None:
        self.log.append("settle")


async def heard(wire: Any) -> list[Event]:
    return [event async for event in streamed(lambda: wire, CALL, Words())]


async def test_the_request_goes_out_and_the_answer_ends_at_its_mark() -> None:
    wire = Wire([b"a", b"b"], [b"."], [b"!"], [b"never read"])
    assert await heard(wire) == [TextDelta("a"), TextDelta("b"), END]
    assert wire.log == ["hurry", "settle"]
    assert wire.asked is CALL


async def test_a_cut_after_the_end_is_no_failure() -> None:
    assert await heard(Wire([b"a"], [b"."], stream_cut(SITE))) == [TextDelta("a"), END]


async def test_a_cut_before_the_end_is_one() -> None:
    with pytest.raises(StreamCut):
        await heard(Wire([b"a"], stream_cut(SITE)))
    with pytest.raises(StreamCut):
        await heard(Wire([b"a"]))
