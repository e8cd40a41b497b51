"""A connection whose other end stopped reading goes, with what was buffered for it, and slows nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from clawfleet.protocol import limits
from clawfleet.server import serving
from tests.support.protocol_client import Frame, ProtocolClient
from tests.unit.rpc.house import until
from tests.unit.server.served import Served, serve

BIG = "x" * 1_000_000


@contextmanager
def stopped_reading(client: ProtocolClient) -> Iterator[None]:
    client.socket.transport.pause_reading()
    yield
    client.socket.transport.abort()


def fill(served: Served, times: int) -> None:
    delta = {"runId": "r", "sessionKey": "agent:main:main", "seq": 1, "state": "delta", "deltaText": BIG}
    for _ in range(times):
        served.broadcast.tell("chat", delta)


def is_number(seq: int, frame: Frame) -> bool:
    return frame.get("event") == "chat" and frame["seq"] >= seq


async def test_a_client_that_stops_reading_is_cut_at_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BUFFERED", 20 * len(BIG))
    monkeypatch.setattr(limits, "CLOSE_S", 0.05)
    async with serve(tmp_path) as served, served.connect() as stuck, served.connect() as other:
        with stopped_reading(stuck):
            for sent in range(5, 31, 5):  # the other one reads as it comes, so only the stuck one reaches its bound
                fill(served, 5)
                await other.wait(partial(is_number, sent))
            await until(lambda: (served.connections(), len(served.broadcast)) == (1, 1))
        assert (await other.call("health"))["ok"] is True
        assert len(other.of("chat")) == 30


async def test_a_client_that_answers_no_ping_is_cut_although_something_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PING_S", 0.1)
    monkeypatch.setattr(limits, "CLOSE_S", 0.05)
    async with serve(tmp_path) as served, served.connect() as stuck:
        with stopped_reading(stuck):
            fill(served, 10)
            await until(lambda: (served.connections(), len(served.broadcast)) == (0, 0))


async def test_a_client_that_reads_gets_all_of_it_before_the_close(served: Served) -> None:
    async with served.connect() as client:
        fill(served, 10)
        served.door.close_all(1012, "service restart")
        assert await client.closed() == (1012, "service restart")
    assert len(client.of("chat")) == 10
