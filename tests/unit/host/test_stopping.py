"""Waiting for processes to end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clawfleet.host import stopping
from clawfleet.host.process import Process, find_process
from clawfleet.host.stopping import PATIENT, Pace, StillRunning, send_term, until_gone
from tests.support.fake_service import StandInGateway


@pytest.fixture
def drains(tmp_path: Path) -> Iterator[StandInGateway]:
    """A gateway with running turns: it ends at the second request only."""
    gateway = StandInGateway(tmp_path, behaviour="drains")
    yield gateway
    gateway.kill()


def process_of(gateway: StandInGateway) -> Process:
    found = find_process(gateway.pid)
    assert found is not None
    return found


def test_a_drain_ends_when_its_time_is_over(drains: StandInGateway) -> None:
    process = process_of(drains)
    send_term(process.pid)
    drains.hears_term()
    until_gone(process, Pace(drain_s=0.1), 20, print)
    assert drains.process.wait(30) == 0


def test_what_is_waited_for_is_said_once_and_not_for_ever(
    drains: StandInGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "SLOW_S", 0.05)
    said: list[str] = []
    with pytest.raises(StillRunning, match=f"pid {drains.pid} still runs after 0.3 s"):
        until_gone(process_of(drains), PATIENT, 0.3, said.append)
    assert said == [f"waiting for pid {drains.pid} to end its running turns (at most 0.3 s)"]


def test_who_is_gone_already_is_not_waited_for(drains: StandInGateway) -> None:
    process = process_of(drains)
    drains.process.kill()
    drains.process.wait()
    until_gone(process, PATIENT, 0, print)
    send_term(process.pid)
