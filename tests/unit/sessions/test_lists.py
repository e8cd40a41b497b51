"""Each wish narrows a list, and only as it says."""

import pytest

from clawfleet.core.clock import now_ms
from clawfleet.sessions.lifecycle import NewSession, Patch
from clawfleet.sessions.lists import Wanted
from clawfleet.sessions.model import Choices
from clawfleet.sessions.sessions import Sessions
from tests.unit.sessions.filled import turn

A, B, C = "agent:main:a", "agent:main:b", "agent:ops:c"


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (Wanted(), {A, B, C}),
        (Wanted(agent_ids=("main",)), {A, B}),
        (Wanted(agent_ids=()), set()),
        (Wanted(archived=False), {A, C}),
        (Wanted(archived=True), {B}),
        (Wanted(label="Bee"), {B}),
        (Wanted(search="BEE"), {B}),
        (Wanted(search="text of one"), {A}),
        (Wanted(search="nowhere"), set()),
        (Wanted(parent_key=A), {C}),
        (Wanted(asked=True), {A}),
        (Wanted(since_ms=now_ms() + 10_000_000), set()),
        (Wanted(since_ms=1), {A, B, C}),
    ],
)
async def test_a_wish_narrows(store: Sessions, wanted: Wanted, keys: set[str]) -> None:
    await turn(store, "one", key=A)
    await store.create(NewSession(B, "main", choices=Choices(label="Bee")))
    await store.patch(B, Patch(archived=True))
    await store.create(NewSession(C, "ops", parent_key=A))
    found, total, children = await store.listed(wanted, limit=10)
    assert ({session.key for session in found}, total) == (keys, len(keys))
    assert children.get(A) == ([C] if A in keys else None)


async def test_order_is_by_change_or_by_question(store: Sessions) -> None:
    await turn(store, "one", key=A)
    await store.create(NewSession(B, "main"))
    by_question = await store.listed(Wanted(sort_by="lastInteractionAt"), limit=1)
    assert [session.key for session in by_question[0]] == [A]
