"""A model is told to think only as it can."""

from dataclasses import replace

import pytest

from clawfleet.core.errors import RequestError
from clawfleet.models.catalog import ModelRow
from clawfleet.models.refs import ModelRef
from clawfleet.models.thinking import checked, default_level, effort, levels

PLAIN = ModelRow(ModelRef("fake", "fake-1"), "Fake", "x", 1, None, False, ("text",), True, None)
DEEP = replace(PLAIN, reasoning=True)


def test_levels_are_those_of_the_model() -> None:
    assert (levels(PLAIN), default_level(PLAIN)) == (("off",), "off")
    assert (levels(None), default_level(DEEP)) == (("off",), "medium")
    assert checked(" HIGH ", DEEP) == "high"
    with pytest.raises(RequestError, match=r'^thinkingLevel "high" is not supported for fake/fake-1 \(use off\)$'):
        checked("high", PLAIN)


def test_a_level_that_another_model_had_is_not_told() -> None:
    assert (effort("high", DEEP), effort("high", PLAIN), effort(None, DEEP)) == ("high", None, None)


def test_the_config_takes_away_levels_and_adds_the_strongest() -> None:
    row = replace(DEEP, levels={"minimal": None, "medium": None, "max": "ultra"})
    assert levels(row) == ("off", "low", "high", "max")
    assert default_level(row) == "max"
    assert levels(replace(DEEP, compat={"supportedReasoningEfforts": ["low", "xhigh"]}))[-1] == "xhigh"
    assert effort("max", row) == "max"
