"""The seam that containers are made through."""

from __future__ import annotations

from clawfleet.sandbox.engine import Engine, Execution
from tests.unit.sandbox.recording_engine import RecordingEngine


def test_variables_and_input_of_a_program_stay_out_of_logs() -> None:
    assert "hunter2" not in repr(Execution(("true",), "/", {"TOKEN": "hunter2"}, stdin=b"hunter2"))


def test_the_recorder_of_the_tests_is_an_engine() -> None:
    engine: Engine = RecordingEngine()
    assert engine is not None
