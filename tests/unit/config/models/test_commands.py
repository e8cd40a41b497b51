"""Owners."""

from __future__ import annotations

from clawfleet.config.models.commands import Commands


def test_owners_are_a_list() -> None:
    """Empty until the first approval."""
    assert Commands().owner_allow_from == ()
    assert Commands.model_validate({"ownerAllowFrom": ["telegram:42"]}).owner_allow_from == ("telegram:42",)
