"""`tools.loopDetection`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.loop_detection import LoopDetection


def test_it_is_off_until_somebody_turns_it_on() -> None:
    loops = LoopDetection()
    assert not loops.enabled
    assert (loops.warning_threshold, loops.critical_threshold, loops.global_circuit_breaker_threshold) == (10, 20, 30)


def test_thresholds_have_to_grow() -> None:
    with pytest.raises(ValidationError, match="thresholds must grow"):
        LoopDetection.model_validate({"warningThreshold": 20})
