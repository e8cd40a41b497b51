"""The log's settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.logging import Logging


def test_defaults() -> None:
    """info, in the place that the instance names."""
    assert (Logging().level, Logging().file) == ("info", None)


def test_a_pattern_that_does_not_compile_is_refused() -> None:
    """Before a secret passes it."""
    with pytest.raises(ValidationError, match="not a regular expression"):
        Logging.model_validate({"redactPatterns": ["("]})
    assert Logging.model_validate({"redactPatterns": [r"\d+"]}).redact_patterns == (r"\d+",)
