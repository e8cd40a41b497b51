"""`tools.web`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.web import Web


def test_nothing_private_is_open_by_default() -> None:
    policy = Web().fetch.ssrf_policy
    assert not policy.dangerously_allow_private_network
    assert policy.allowed_hostnames == ()


def test_seed_configs_load() -> None:
    """Values of the older documentation."""
    web = Web.model_validate({
        "fetch": {"enabled": True, "maxChars": 50_000, "maxCharsCap": 50_000, "maxResponseBytes": 2_000_000},
        "search": {"enabled": True, "apiKey": "seed-key", "maxResults": 5, "timeoutSeconds": 30.0},
    })  # fmt: skip
    assert web.fetch.max_chars == 50_000
    assert "seed-key" not in repr(web)


def test_a_mistyped_wall_is_refused() -> None:
    """An unknown key could be meant to close something."""
    with pytest.raises(ValidationError):
        Web.model_validate({"fetch": {"ssrfPolicy": {"blockedHosts": ["a"]}}})
