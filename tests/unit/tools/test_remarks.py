"""Lists of tools that name nothing, or leave nothing."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.tools.layers import layers_for
from clawfleet.tools.remarks import NoCallableTools, matches_nothing, named_tools, unknown_entries
from clawfleet.tools.subject import Subject


def test_entries_that_are_no_name_are_found_wherever_they_stand() -> None:
    config = Config.model_validate(
        {
            "tools": {"alsoAllow": ["query_db", "exec"], "byProvider": {"fake": {"allow": ["grou:fs"]}}},
            "agents": {"entries": {"coder": {"tools": {"sandbox": {"tools": {"allow": ["nope", "docs__*"]}}}}}},
        }
    )
    assert unknown_entries(config) == {
        "tools.alsoAllow": ("query_db",),
        "tools.byProvider.fake.allow": ("grou:fs",),
        "agents.entries.coder.tools.sandbox.tools.allow": ("nope",),
    }


@pytest.mark.parametrize("entry", ["exec", "BASH", "session*", "group:web", "cron", "docs__read", "*", "bundle-mcp"])
def test_names_patterns_groups_and_aliases_are_known(entry: str) -> None:
    assert unknown_entries(Config.model_validate({"tools": {"allow": [entry]}})) == {}


def test_an_entry_may_match_none_of_the_tools_here() -> None:
    assert matches_nothing("browser", ["exec"]) and not matches_nothing("bash", ["exec"])


@pytest.mark.parametrize(
    ("tools", "named"),
    [({"allow": ["query_db"]}, {"tools.allow": ("query_db",)}), ({"deny": ["*"]}, {}), ({"profile": "minimal"}, {})],
)
def test_only_a_list_that_somebody_wrote_down_names_tools(tools: dict[str, Any], named: dict[str, Any]) -> None:
    """`deny: ["*"]` is legal: such an agent only talks."""
    layers = layers_for(Config.model_validate({"tools": tools}), Subject("main", "agent:main:main"))
    assert named_tools(layers) == named


def test_the_reason_names_list_and_entries() -> None:
    error = NoCallableTools({"tools.allow": ("Query_DB",)})
    assert str(error).startswith(
        "No callable tools remain after resolving explicit tool allowlist (tools.allow: query_db); "
        "no registered tools matched."
    )
    assert "openclaw tools explain" in (error.hint or "")
