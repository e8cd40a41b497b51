"""Variables in the file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.environment import EnvSection


def test_values_are_text_and_stay_out_of_a_repr() -> None:
    """They are often keys."""
    assert "s3cret" not in repr(EnvSection.model_validate({"vars": {"K": "s3cret"}}))
    with pytest.raises(ValidationError):
        EnvSection.model_validate({"vars": {"K": 1}})


def test_the_login_shell_is_asked_only_when_wanted() -> None:
    section = EnvSection.model_validate({"shellEnv": {"enabled": True}})
    assert (section.shell_env.enabled, section.shell_env.timeout_ms) == (True, 15_000)
    assert not EnvSection().shell_env.enabled
