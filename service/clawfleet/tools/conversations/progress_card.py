"""`progress_card`: the session's card that says how far the work is. Source: tools-and-sessions §2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from clawfleet.core.messages import ToolSpec
from clawfleet.sessions.cards import Cards, Step, StepStatus
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.seat import Seat

MOST_STEPS = 50
MOST_STEP_BYTES = 512
MOST_MARKDOWN_BYTES = 8_192
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class PlanStep(BaseModel):
    """One step of a plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Annotated[str, Field(min_length=1, description="What is done in it.")]
    status: Annotated[StepStatus, Field(description="How far it is.")]


class ProgressCardArguments(Arguments):
    """What a model may ask of progress_card."""

    plan: Annotated[
        list[PlanStep], Field(default_factory=list, max_length=MOST_STEPS, description="All steps, in order.")
    ]
    markdown: Annotated[str, Field(description="A short note: what happened, what is next.")] = ""

    @field_validator("markdown")
    @classmethod
    def _short(cls, value: str) -> str:
        if len(value.encode()) > MOST_MARKDOWN_BYTES:
            raise ValueError(f"must be at most {MOST_MARKDOWN_BYTES} bytes")
        return value

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        if any(len(each.step.encode()) > MOST_STEP_BYTES or not each.step.strip() for each in self.plan):
            raise ValueError(f"a step must say something, in at most {MOST_STEP_BYTES} bytes")
        if sum(each.status == "in_progress" for each in self.plan) > 1:
            raise ValueError("at most one step may be in_progress")
        return self


class ProgressCardTool:
    """Writes the card of its own session."""

    spec = ToolSpec(
        name="progress_card",
        description=(
            "Show the user how far longer work is: a plan of steps, a short note, or both. A call replaces the card; "
            "an empty one takes it away. For work of several steps only."
        ),
        parameters=ProgressCardArguments.parameters(),
    )

    def __init__(self, cards: Cards) -> None:
        self._cards = cards

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """A short receipt. Raises `BadArguments`."""
        asked = ProgressCardArguments.read(self.spec.name, arguments)
        steps = tuple(Step(_UNSEEN.sub("", each.step), each.status) for each in asked.plan)
        card = await self._cards.put(context.session_key, _UNSEEN.sub("", asked.markdown), steps)
        if card is None:
            return ToolResult("Progress card cleared", details={"status": "cleared"})
        done = sum(step.status == "completed" for step in steps)
        counted = f", {done}/{len(steps)} done" if steps else ""
        details: dict[str, object] = {
            "status": "updated",
            "revision": card.revision,
            "completed": done if steps else None,
            "total": len(steps) or None,
        }
        return ToolResult(f"Progress card updated (rev {card.revision}{counted})", details=details)


def for_seat(seat: Seat) -> Tool | None:
    """progress_card, unless the operator turned it off."""
    return ProgressCardTool(seat.desk.sessions.cards) if seat.desk and seat.config.tools.update_plan else None
