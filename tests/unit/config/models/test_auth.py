"""Stored credentials are named in the config; their secrets never are."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.auth import Auth


def test_profiles_and_their_order_are_read() -> None:
    auth = Auth.model_validate(
        {
            "profiles": {"openai:work": {"provider": "openai", "mode": "api_key"}},
            "order": {"openai": ["openai:work", "openai:home"]},
        }
    )
    assert auth.profiles["openai:work"].provider == "openai"
    assert auth.order["openai"] == ("openai:work", "openai:home")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError):
        Auth.model_validate({"profiles": {"x:y": {"provider": "x", "mode": "password"}}})
