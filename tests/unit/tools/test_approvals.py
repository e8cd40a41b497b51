"""Requests for a yes: asked once, answered once, over in time."""

import asyncio

import pytest

from clawfleet.core.errors import RequestError
from clawfleet.tools import approvals as module
from clawfleet.tools.approvals import (
    LIFE_MS,
    AlreadyResolved,
    Approval,
    Approvals,
    Asked,
    NoSuchApproval,
    TooManyApprovals,
)

LS = Asked(command="ls", allowed=("allow-once", "deny"))


def manned() -> tuple[Approvals, list[Approval]]:
    approvals, settled = Approvals(), list[Approval]()
    approvals.announce = lambda approval: 1
    approvals.settled = settled.append
    return approvals, settled


async def test_somebody_answers_and_whoever_waits_goes_on() -> None:
    approvals, settled = manned()
    approval = approvals.request(LS)
    waiting = asyncio.ensure_future(approvals.wait(approval.id))
    await asyncio.sleep(0)
    assert approvals.pending() == (approval,) and not waiting.done()
    approvals.resolve(approval.id, "allow-once", "page")
    assert (await waiting).is_allowed
    assert (approval.reason, approval.resolved_by) == ("user", "page")
    assert settled == [approval] and approvals.pending() == () and approvals.history(5) == (approval,)


async def test_with_nobody_to_answer_it_is_over_at_once() -> None:
    approvals = Approvals()
    approval = approvals.request(LS)
    assert (approval.decision, approval.reason, approval.over.is_set()) == (None, "no-route", True)
    with pytest.raises(AlreadyResolved):
        approvals.resolve(approval.id, "allow-once", "page")


async def test_the_same_answer_again_is_fine_and_another_is_not() -> None:
    approvals, settled = manned()
    approval = approvals.request(LS)
    for _ in range(2):
        approvals.resolve(approval.id, "deny", "page")
    with pytest.raises(AlreadyResolved):
        approvals.resolve(approval.id, "allow-once", "page")
    assert len(settled) == 1 and not approval.is_allowed


@pytest.mark.parametrize(
    ("decision", "words"),
    [("bogus", "invalid decision"), ("allow-always", "allow-always is unavailable for this command")],
)
async def test_an_answer_that_there_is_not_leaves_it_waiting(decision: str, words: str) -> None:
    approvals, _ = manned()
    approval = approvals.request(LS)
    with pytest.raises(RequestError, match=words):
        approvals.resolve(approval.id, decision, "page")
    assert approvals.pending() == (approval,)


async def test_its_time_is_over_some_day() -> None:
    approvals, settled = manned()
    approval = approvals.request(LS, life_ms=1)
    await asyncio.wait_for(approval.over.wait(), 30)
    assert (approval.reason, approval.decision, settled) == ("timeout", None, [approval])
    with pytest.raises(NoSuchApproval):
        approvals.resolve(approval.id, "deny", "page")
    assert approvals.request(LS, life_ms=10 * LIFE_MS).expires_at_ms <= approval.created_at_ms + LIFE_MS + 10_000


async def test_who_asked_may_go_away() -> None:
    approvals, settled = manned()
    approval = approvals.request(LS)
    approvals.withdraw(approval)
    approvals.withdraw(approval)
    assert approval.over.is_set() and len(settled) == 1


async def test_an_unknown_id_is_said_to_be_unknown() -> None:
    approvals, _ = manned()
    with pytest.raises(NoSuchApproval, match="unknown or expired"):
        approvals.resolve("nope", "deny", "page")
    with pytest.raises(NoSuchApproval, match="expired or not found"):
        await approvals.wait("nope")
    approvals.request(LS, approval_id="mine")
    with pytest.raises(RequestError, match="already pending"):
        approvals.request(LS, approval_id="mine")


async def test_there_is_an_end_to_those_that_wait_and_to_those_that_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PENDING", 2)
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    approvals, _ = manned()
    waiting = [approvals.request(LS) for _ in range(2)]
    with pytest.raises(TooManyApprovals):
        approvals.request(LS)
    for approval in waiting:
        approvals.resolve(approval.id, "deny", "page")
    for number in range(3):
        approvals.resolve(approvals.request(LS, approval_id=str(number)).id, "deny", "page")
    assert [approval.id for approval in approvals.history(9)] == ["2", "1"]
