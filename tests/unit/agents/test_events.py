"""Run events reserve as many sequence numbers as they become frames."""

from typing import get_args

from clawfleet.agents.events import Body, RunEvent, Started
from clawfleet.server.run_frames import frames
from tests.unit.server.test_run_frames import SAMPLES


def test_every_body_spans_its_agent_frames() -> None:
    assert {type(body) for body in SAMPLES} == set(get_args(Body))
    for body in SAMPLES:
        sent = [payload for name, payload, _ in frames(RunEvent("r", "k", "s", "main", 5, 0, body)) if name == "agent"]
        assert [payload["seq"] for payload in sent] == list(range(5, 5 + body.span))


def test_bodies_are_values() -> None:
    assert Started(1) == Started(1)
