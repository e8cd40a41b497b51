"""Which messages share a conversation."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.session import Session


def test_direct_messages_share_one_session_by_default() -> None:
    """And only the four words are known."""
    assert Session().dm_scope == "main"
    with pytest.raises(ValidationError):
        Session.model_validate({"dmScope": "per-mood"})
