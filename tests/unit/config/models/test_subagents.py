"""`subagents`."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.subagents import AgentSubagents, SubagentSettings


def test_subagents_spawn_none_by_default() -> None:
    settings = SubagentSettings()
    assert (settings.max_spawn_depth, settings.max_children_per_agent, settings.max_concurrent) == (1, 5, 8)
    assert AgentSubagents().max_spawn_depth is None


@pytest.mark.parametrize(
    "given", [{"maxSpawnDepth": 6}, {"maxSpawnDepth": 0}, {"maxChildrenPerAgent": 0}, {"depth": 1}]
)
def test_limits_have_limits(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SubagentSettings.model_validate(given)
