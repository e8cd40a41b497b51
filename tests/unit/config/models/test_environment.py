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
