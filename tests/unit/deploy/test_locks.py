"""The locks of all hosts are taken together and given back, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from control.locks import Holder, LockedError, locked
from control.reach import HostFailedError

HOLDER = Holder("here:1:x", "ada@here", "deploy")


class Host:
    """A host with a lock. `cut` names verbs whose answer does not come: the host has done what was asked, or not."""

    def __init__(self, host: str, cut: Mapping[str, bool] | None = None, holder: str = "") -> None:
        self.host = host
        self.cut = dict(cut or {})
        self.holder = holder
        self.asked: list[str] = []

    async def ask(self, verb: str, order: Any) -> Any:
        self.asked.append(verb)
        answer = self._done(verb, order) if self.cut.get(verb, True) else None
        if verb in self.cut:
            raise HostFailedError(self.host, "connect", "exit code 255", "try: ssh")
        return answer

    def _done(self, verb: str, order: Any) -> Any:
        if verb == "holder":
            return {"holder": {"id": self.holder}} if self.holder else None
        if verb == "lock" and self.holder:
            return {"taken": False, "holder": {"by": "bea"}, "heldS": 4}
        self.holder = order["id"] if verb == "lock" else ""
        return {"taken": True}


async def take(*hosts: Host) -> dict[str, HostFailedError]:
    """The hosts that failed; the others are locked meanwhile."""
    async with locked(hosts, HOLDER) as failed:
        assert {host.host for host in hosts if host.holder == HOLDER.id} >= {host.host for host in hosts} - set(failed)
        return failed


async def test_a_host_that_does_not_answer_is_asked_once(capfd: pytest.CaptureFixture[str]) -> None:
    """A wrong password would be tried twice; the others are locked, and opened again."""
    a, b = Host("a"), Host("b", cut={"holder": False})
    assert list(await take(a, b)) == ["b"]
    assert (a.asked, a.holder, b.asked) == (["holder", "lock", "unlock"], "", ["holder"])
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("has_done_it", [True, False])
async def test_a_lock_whose_answer_does_not_come_is_given_back(has_done_it: bool) -> None:
    """Nobody knows whether the host is locked: it would bar others for an hour."""
    host = Host("a", cut={"lock": has_done_it})
    assert list(await take(host)) == ["a"]
    assert (host.asked[-1], host.holder) == ("unlock", "")


async def test_a_lock_that_is_not_given_back_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    """The work was done: this is no failure, but somebody else has to know."""
    assert await take(Host("a"), Host("b", cut={"unlock": False})) == {}
    said = capfd.readouterr().err
    assert said == "b: it may still be locked (exit code 255); openclaw fleet lock --release opens it\n"


async def test_all_or_none_are_locked() -> None:
    """The holder is named, and keeps its lock."""
    a, b = Host("a"), Host("b", holder="there:1:y")
    with pytest.raises(LockedError, match=r"^b is locked by bea since 4 s$"):
        await take(a, b)
    assert (a.holder, b.holder, "unlock" in b.asked) == ("", "there:1:y", False)


async def test_whoever_ends_it_while_the_locks_are_taken_leaves_none() -> None:
    """Also not that of the host that has just given it."""

    class Slow(Host):
        async def ask(self, verb: str, order: Any) -> Any:
            answer = await super().ask(verb, order)
            if verb == "lock":
                reached.set()
                await asyncio.Event().wait()
            return answer

    reached, host = asyncio.Event(), Slow("a")
    taking = asyncio.ensure_future(take(host))
    await reached.wait()
    assert host.holder == HOLDER.id
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert host.holder == ""
