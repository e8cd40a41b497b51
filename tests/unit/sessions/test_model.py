"""Shapes of what is kept."""

import dataclasses

import pytest

from clawfleet.sessions.model import Session


def test_a_session_cannot_be_changed_behind_the_stores_back() -> None:
    session = Session("k", "s", "main", 1, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        session.key = "other"  # type: ignore[misc]
