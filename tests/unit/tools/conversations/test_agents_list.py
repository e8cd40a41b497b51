"""agents_list as a model meets it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.tools.conversations.agents_list import AgentsListTool
from clawfleet.tools.conversations.visibility import Reach
from clawfleet.tools.failures import BadArguments
from tests.support.desk import CONTEXT, FakeDesk


async def listed(desk: FakeDesk, config: Any = None) -> dict[str, Any]:
    reach = Reach.of(Config.model_validate(config or {}), "main", "agent:main:main", clamped=False)
    told: dict[str, Any] = json.loads((await AgentsListTool(desk, reach).run(CONTEXT, {})).text)
    return told


async def test_an_agent_sees_itself_and_whom_it_may_reach(desk: FakeDesk) -> None:
    told = await listed(desk)
    assert (told["requester"], told["allowAny"], [row["id"] for row in told["agents"]]) == ("main", False, ["main"])
    assert told["agents"][0] == {
        "id": "main",
        "configured": True,
        "default": True,
        "model": "demo/echo",
        "name": "Main",
    }
    told = await listed(desk, {"tools": {"sessions": {"visibility": "all"}, "agentToAgent": {"enabled": True}}})
    assert (told["allowAny"], [row["id"] for row in told["agents"]]) == (True, ["main", "coder"])


async def test_it_has_no_parameters(desk: FakeDesk) -> None:
    reach = Reach.of(Config(), "main", "agent:main:main", clamped=False)
    with pytest.raises(BadArguments):
        await AgentsListTool(desk, reach).run(CONTEXT, {"all": True})
