"""`/approve`: who may answer, how, and what comes of it."""

import asyncio
from collections.abc import Callable

from clawfleet.core.requester import Requester
from clawfleet.tools.approvals import Approval, Approvals, Asked
from clawfleet.tools.exec_policy import Choice
from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House

ALL: tuple[Choice, ...] = ("allow-once", "allow-always", "deny")


def approvals_of(house: House) -> Approvals:
    approvals = house.runs._turns.toolbox.approvals
    approvals.announce = lambda approval: 1
    return approvals


def waiting(house: House) -> Approval:
    return approvals_of(house).request(Asked("ls", ALL))


async def test_an_owner_answers(equipped: Callable[..., House]) -> None:
    house = equipped()
    approval = waiting(house)
    assert await typed(house, f"/approve {approval.id} allow-once") == (
        f"✅ Approval allow-once submitted for {approval.id}."
    )
    assert (approval.decision, approval.resolved_by) == ("allow-once", "webchat:device")


async def test_others_may_not(equipped: Callable[..., House]) -> None:
    """Neither a stranger in a chat, nor a client without the scope, nor nobody."""
    house = equipped()
    approval = waiting(house)
    for asked in (Requester("telegram", sender_id="7"), Requester("webchat", sender_id="reader"), None):
        assert (await typed(house, f"/approve {approval.id} allow-once", asked)).startswith("⚠️ You may not answer")
    assert not approval.over.is_set()


async def test_what_cannot_be_understood_or_found(equipped: Callable[..., House]) -> None:
    house = equipped()
    assert (await typed(house, "/approve")).startswith("Usage: /approve <id> <decision>")
    assert (await typed(house, "/approve x maybe")).startswith("Usage: /approve")
    assert await typed(house, "/approve x deny") == "❌ Failed to submit approval: unknown or expired approval id"


async def test_it_is_answered_while_a_turn_runs_in_the_session(equipped: Callable[..., House]) -> None:
    """Behind the turn that waits for it, it would never be heard."""
    house = equipped()
    approval = waiting(house)
    async with house.runs._lanes.turn("agent:main:main"), asyncio.timeout(30):
        await typed(house, f"/approve {approval.id} deny")
    assert approval.decision == "deny"
