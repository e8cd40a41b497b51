"""progress_card as a model meets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clawfleet.tools.base import ToolResult
from clawfleet.tools.conversations.progress_card import ProgressCardTool
from clawfleet.tools.failures import BadArguments
from tests.support.desk import CONTEXT, FakeDesk
from tests.unit.tools.test_registry import toolbox

PLAN = [{"step": "look", "status": "completed"}, {"step": "mend\u202e", "status": "in_progress"}]


async def write(desk: FakeDesk, **arguments: Any) -> ToolResult:
    return await ProgressCardTool(desk.store.cards).run(CONTEXT, arguments)


async def test_a_card_is_written_and_taken_away(desk: FakeDesk) -> None:
    """Characters that nobody sees are left out."""
    assert (await write(desk, plan=PLAN)).text == "Progress card updated (rev 1, 1/2 done)"
    card = await desk.store.cards.get("agent:main:main")
    assert card is not None
    assert [step.step for step in card.steps] == ["look", "mend"]
    assert (await write(desk, markdown="on it")).text == "Progress card updated (rev 2)"
    assert (await write(desk)).text == "Progress card cleared"


@pytest.mark.parametrize(
    "arguments",
    [
        {"plan": [{"step": "a", "status": "in_progress"}] * 2},
        {"plan": [{"step": " ", "status": "pending"}]},
        {"plan": [{"step": "x" * 513, "status": "pending"}]},
        {"plan": [{"step": "a", "status": "pending"}] * 51},
        {"plan": [{"step": "a", "status": "later"}]},
        {"markdown": "x" * 8193},
    ],
)
async def test_what_no_card_can_hold_is_refused(desk: FakeDesk, arguments: dict[str, object]) -> None:
    with pytest.raises(BadArguments):
        await write(desk, **arguments)


def test_an_operator_turns_it_off(desk: FakeDesk, tmp_path: Path) -> None:
    box = toolbox(tmp_path)
    box.desk = desk
    assert "progress_card" in box.offered("main", "agent:main:main")
    box = toolbox(tmp_path, tools={"updatePlan": False})
    box.desk = desk
    assert "progress_card" not in box.offered("main", "agent:main:main")
