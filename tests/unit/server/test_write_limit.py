"""Writes to the control plane are counted by method and client."""

import pytest

from clawfleet.protocol.handshake import Client
from clawfleet.rpc.clients import Caller
from clawfleet.server import write_limit
from clawfleet.server.write_limit import WINDOW_S, WRITES, TooOften, WriteLimit

CLIENT = Client(id="cli", version="1", platform="linux", mode="cli")
ONE = Caller("c1", CLIENT, ("operator.admin",), True, address="127.0.0.1", device_id="d1")
OTHER = Caller("c2", CLIENT, ("operator.admin",), True, address="127.0.0.1", device_id="d2")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_write_too_many_is_told_how_long_to_wait() -> None:
    clock = Clock()
    limit = WriteLimit(clock)
    for _ in range(WRITES):
        limit.take("config.patch", ONE)
        clock.now += 1
    with pytest.raises(TooOften) as refused:
        limit.take("config.patch", ONE)
    assert refused.value.message == "rate limit exceeded for config.patch; retry after 30s"
    assert (refused.value.details["retryAfterMs"], refused.value.is_retryable) == (30_000, True)


def test_other_methods_and_other_clients_are_not_concerned() -> None:
    limit = WriteLimit(Clock())
    for _ in range(WRITES):
        limit.take("config.patch", ONE)
    limit.take("config.apply", ONE)
    limit.take("config.patch", OTHER)


def test_the_window_moves_on() -> None:
    clock = Clock()
    limit = WriteLimit(clock)
    for _ in range(WRITES):
        limit.take("config.patch", ONE)
    clock.now += WINDOW_S
    limit.take("config.patch", ONE)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_limit, "MAX_REMEMBERED", 2)
    limit = WriteLimit(Clock())
    for _ in range(WRITES):
        limit.take("first", ONE)
    limit.take("second", ONE)
    limit.take("third", ONE)  # forgets the first
    limit.take("first", ONE)
