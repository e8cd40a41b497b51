"""Lists of tools in the config."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.config.models.root import Config

BOTH = {"allow": ["read"], "alsoAllow": ["exec"]}


@pytest.mark.parametrize(
    "tree",
    [
        {"tools": BOTH},
        {"tools": {"byProvider": {"fake": BOTH}}},
        {"tools": {"toolsBySender": {"*": BOTH}}},
        {"tools": {"sandbox": {"tools": BOTH}}},
        {"tools": {"subagents": {"tools": BOTH}}},
        {"agents": {"entries": {"main": {"tools": BOTH}}}},
        {"channels": {"telegram": {"groups": {"*": {"tools": BOTH}}}}},
    ],
)
def test_allow_and_also_allow_exclude_each_other(tree: dict[str, Any]) -> None:
    """In one place; the message says what to do."""
    with pytest.raises(ValidationError, match="cannot set both allow and alsoAllow in the same scope"):
        Config.model_validate(tree)


def test_in_two_places_they_may_stand() -> None:
    Config.model_validate(
        {"tools": {"alsoAllow": ["exec"]}, "agents": {"entries": {"main": {"tools": {"allow": ["read"]}}}}}
    )
