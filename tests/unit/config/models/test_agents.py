"""Agents and what holds for all of them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.agents import AgentDefaults, Agents, ModelChoice


def test_a_bare_string_is_the_primary() -> None:
    """Both spellings of a model."""
    assert ModelChoice.model_validate("a/b") == ModelChoice(primary="a/b")
    assert AgentDefaults.model_validate({"model": {"primary": "a/b", "fallbacks": []}}).model.fallbacks == ()


def test_no_fallbacks_is_not_the_same_as_unset() -> None:
    """[] turns them off; nothing inherits."""
    assert ModelChoice(primary="a/b").fallbacks is None


def test_ids_come_from_the_keys_in_their_order() -> None:
    """Also when the entry names its id itself."""
    agents = Agents.model_validate({"entries": {"b": {}, "a": {"id": "a", "name": "A"}}})
    assert [(key, entry.id) for key, entry in agents.entries.items()] == [("b", "b"), ("a", "a")]


def test_defaults() -> None:
    """48 hours, and some work at once on any machine."""
    defaults = AgentDefaults()
    assert defaults.timeout_seconds == 172_800
    assert defaults.max_concurrent >= 8
    assert defaults.sandbox.mode == "off"


def test_what_an_entry_sets_can_be_told_from_defaults() -> None:
    """A sandbox of one agent wins per key."""
    entry = Agents.model_validate({"entries": {"a": {"sandbox": {"mode": "all"}}}}).entries["a"]
    assert entry.sandbox is not None
    assert entry.sandbox.model_fields_set == {"mode"}


@pytest.mark.parametrize("name", ["../x", "a b", "", "Ä", "-a", "x" * 65])
def test_an_id_is_a_plain_name(name: str) -> None:
    """It becomes part of paths and session keys."""
    with pytest.raises(ValidationError, match="agent id"):
        Agents.model_validate({"entries": {name: {}}})
