"""`agents_list`: the agents of this gateway that this session may reach. Source: tools-and-sessions §2."""

from __future__ import annotations

import json
from collections.abc import Mapping

from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.conversations.seats import reach_of
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.desk import AgentCard, Desk
from clawfleet.tools.seat import Seat


class AgentsListArguments(Arguments):
    """agents_list has no parameters."""


class AgentsListTool:
    """Lists the agent itself, those that it may spawn and those whose main session it may send to."""

    spec = ToolSpec(
        name="agents_list",
        description="List the agents of this gateway that sessions_send and sessions_spawn can reach from here.",
        parameters=AgentsListArguments.parameters(),
        only_looks=True,
    )

    def __init__(self, desk: Desk, reach: Reach) -> None:
        self._desk = desk
        self._reach = reach

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The agents as JSON. Raises `BadArguments`."""
        AgentsListArguments.read(self.spec.name, arguments)
        cards = self._desk.agents()
        reached = [each for each in cards if self._is_reached(each)]
        answer: dict[str, object] = {
            "requester": self._reach.agent_id,
            "allowAny": len(reached) == len(cards),
            "agents": [_row(each) for each in reached],
        }
        return ToolResult(json.dumps(answer, ensure_ascii=False, indent=1), details=answer)

    def _is_reached(self, card: AgentCard) -> bool:
        if card.id == self._reach.agent_id or card.id in self._desk.spawn_targets(self._reach.agent_id):
            return True
        return self._reach.reason_against(f"agent:{card.id}:main", card.id, spawned=False) is None


def _row(card: AgentCard) -> dict[str, object]:
    row: dict[str, object] = {"id": card.id, "configured": True, "default": card.is_default, "model": card.model}
    return row | ({"name": card.name} if card.name else {})


def for_seat(seat: Seat) -> Tool | None:
    """agents_list, where there is a desk."""
    return AgentsListTool(seat.desk, reach_of(seat)) if seat.desk else None
