"""The whole file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.root import Config


def test_an_empty_file_is_a_config() -> None:
    """Everything has a default."""
    assert Config.model_validate({}) == Config()


def test_two_configs_do_not_share_what_they_were_given() -> None:
    """Defaults are values, not common variables."""
    one = Config.model_validate({"agents": {"entries": {"a": {}}}})
    assert (list(one.agents.entries), dict(Config().agents.entries)) == (["a"], {})


def test_unknown_sections_are_refused() -> None:
    """The load sorts out what is known without effect before."""
    with pytest.raises(ValidationError):
        Config.model_validate({"cron": {}})
