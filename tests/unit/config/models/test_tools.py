"""Which tools are on offer, and exec."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.tools import ExecConfig, ToolsConfig


def test_defaults() -> None:
    """Everything, half an hour a command."""
    tools = ToolsConfig()
    assert (tools.profile, tools.allow, tools.deny) == (None, None, ())
    assert (tools.exec.host, tools.exec.timeout_seconds) == ("auto", 1800)


def test_allow_and_also_allow_exclude_each_other() -> None:
    """OpenClaw's words."""
    with pytest.raises(ValidationError, match="tools cannot set both allow and alsoAllow in the same scope"):
        ToolsConfig.model_validate({"allow": ["a"], "alsoAllow": ["b"]})


@pytest.mark.parametrize("row", [{"mode": "auto"}, {"ask": "sometimes"}, {"host": "node"}])
def test_a_way_of_running_that_there_is_not_is_refused(row: dict[str, Any]) -> None:
    """Running without asking where the operator wrote something else would be worse than not starting."""
    with pytest.raises(ValidationError):
        ExecConfig.model_validate(row)


def test_running_without_approval_may_be_said() -> None:
    """It is what happens."""
    assert ExecConfig.model_validate({"ask": "off", "security": "full", "mode": "full"}).ask == "off"
