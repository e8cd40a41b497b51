"""The models of frames say what the frames are that the socket reads and writes."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.core.errors import HostError
from clawfleet.protocol import frames
from clawfleet.protocol.shapes import Event, Request, Response


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "req", "id": "1", "method": "health"},
        {"type": "req", "id": "1", "method": "health", "params": None, "traceparent": "00-1-2-3"},
        {"type": "req", "id": "", "method": "health"},
        {"type": "req", "id": "1", "method": ""},
        {"type": "req", "id": 1, "method": "health"},
        {"type": "res", "id": "1", "method": "health"},
        {"type": "req", "id": "1", "method": "health", "extra": 1},
    ],
)
def test_the_model_and_the_reader_agree_on_requests(frame: dict[str, Any]) -> None:
    def model_takes() -> bool:
        try:
            Request.model_validate(frame)
        except ValidationError:
            return False
        return True

    def reader_takes() -> bool:
        try:
            frames.read_request(json.dumps(frame))
        except frames.BadFrame:
            return False
        return True

    assert model_takes() == reader_takes()


def test_what_is_written_fits_the_models() -> None:
    error = frames.error_shape(HostError("the disk is full", hint="make room", retryAfterMs=5))
    assert Response.model_validate_json(frames.response("1", {"a": 1})).ok
    refused = Response.model_validate_json(frames.refusal("1", error))
    assert refused.error is not None
    assert (refused.error.code, refused.error.retry_after_ms) == ("UNAVAILABLE", 5)
    told = Event.model_validate_json(frames.numbered(frames.event_head("health", {}, {"presence": 1, "health": 2}), 7))
    assert told.state_version is not None
    assert (told.seq, told.state_version.health) == (7, 2)
    assert Event.model_validate_json(frames.event("connect.challenge", {})).seq is None
