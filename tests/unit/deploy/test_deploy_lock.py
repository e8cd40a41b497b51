"""The lock of a host: one holder, for as long as it works."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import deploy_lock
from control import locks
from control.locks import Holder, LockedError, locked

ADA, BOB = {"id": "laptop:1:a", "by": "ada@laptop"}, {"id": "desk:2:b", "by": "bob@desk"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lock is made."""
    monkeypatch.setattr(deploy_lock, "LOCK", tmp_path / "run" / "lock")
    return tmp_path / "run" / "lock"


def test_who_comes_second_is_told_who_was_first() -> None:
    """Until it is given back, which only its holder does, or force."""
    assert deploy_lock.take(ADA) == {"taken": True}
    second = deploy_lock.take(BOB)
    assert (second["taken"], second["holder"]["by"], second["stale"]) == (False, "ada@laptop", False)
    assert deploy_lock.release({"id": BOB["id"]})["released"] is False
    assert deploy_lock.release({"id": ADA["id"]})["released"] is True
    assert deploy_lock.take(BOB) == {"taken": True}


def test_its_time_begins_again_with_the_same_holder(place: Path) -> None:
    """A deploy that lasts for hours is not taken for one that broke off."""
    deploy_lock.take(ADA)
    (place / "holder.json").write_text(json.dumps(ADA | {"since": 0}))
    assert deploy_lock.look()["stale"]  # type: ignore[index]
    assert deploy_lock.take(ADA) == {"taken": True}
    assert deploy_lock.take(BOB)["taken"] is False


@pytest.mark.parametrize("over", [{"since": 0}, {"id": "desk:1:z", "since": 4e9}])
def test_of_many_who_take_a_lock_over_one_has_it(place: Path, over: dict[str, Any]) -> None:
    """They see it at the same moment; the second must not remove what the first has made."""
    for _ in range(20):
        deploy_lock.take(ADA)
        (place / "holder.json").write_text(json.dumps(ADA | over))
        together = threading.Barrier(8)

        def come(number: int, together: threading.Barrier = together) -> bool:
            together.wait()
            return bool(deploy_lock.take({"id": f"desk:{number}:b", "gone": ["desk:1:z"]})["taken"])

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(come, range(2, 10))) == [False] * 7 + [True]
        deploy_lock.release({"force": True})


class HostOfScripts:
    """A host that is asked without a connection."""

    host = "edge"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.renewed = asyncio.Event()

    async def ask(self, verb: str, order: Any) -> Any:
        self.asked.append(verb)
        if self.asked.count("lock") > 1:
            self.renewed.set()
        answers: dict[str, Callable[[Any], Any]] = {"lock": deploy_lock.take, "unlock": deploy_lock.release}
        return (answers | {"holder": deploy_lock.holder})[verb](order)


async def test_a_lock_is_renewed_as_long_as_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """And given back at the end, once."""
    monkeypatch.setattr(locks, "RENEW_S", 0.01)
    host = HostOfScripts()
    async with locked([host], Holder.of("deploy")) as unreachable:
        assert unreachable == {}
        async with asyncio.timeout(10):
            await host.renewed.wait()
    assert host.asked[-1] == "unlock"
    assert deploy_lock.look() is None


async def test_no_lock_is_kept_where_another_host_is_locked() -> None:
    """All hosts or none."""
    deploy_lock.take(ADA)
    host = HostOfScripts()
    with pytest.raises(LockedError, match="edge is locked by ada@laptop"):
        async with locked([host], Holder.of("deploy")):
            raise AssertionError("it was not taken")
    assert deploy_lock.look() is not None
