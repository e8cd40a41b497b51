"""Frames in and out."""

import json

import pytest

from clawfleet.core.errors import HostError, RequestError
from clawfleet.protocol import frames
from clawfleet.protocol.frames import BadFrame, NotJson, read_request


def test_a_request_with_absent_or_null_params_is_read() -> None:
    assert read_request('{"type":"req","id":"1","method":"health"}').params is None
    assert read_request(b'{"type":"req","id":"1","method":"health","params":null}').params is None
    assert read_request('{"type":"req","id":"1","method":"x","params":{"a":1},"traceparent":"t"}').params == {"a": 1}


@pytest.mark.parametrize("data", ["", "nope", "{", b"\xff\xfe", "[" * 100_000])
def test_what_is_no_json_is_told_apart(data: str | bytes) -> None:
    with pytest.raises(NotJson):
        read_request(data)


@pytest.mark.parametrize(
    ("data", "request_id", "why"),
    [
        ("[]", "invalid", "expected an object"),
        ('{"type":"req","method":"x"}', "invalid", "'id'"),
        ('{"type":"res","id":"7","method":"x"}', "7", "/type"),
        ('{"type":"req","id":"7"}', "7", "'method'"),
        ('{"type":"req","id":"7","method":"x","extra":1}', "7", "unexpected property 'extra'"),
    ],
)
def test_a_wrong_frame_names_what_is_wrong_and_whom_to_answer(data: str, request_id: str, why: str) -> None:
    with pytest.raises(BadFrame) as caught:
        read_request(data)
    assert caught.value.request_id == request_id
    assert why in caught.value.message


def test_a_broadcast_frame_is_encoded_once_and_numbered_per_client() -> None:
    head = frames.event_head("health", {"ok": True}, {"presence": 1, "health": 2})
    assert json.loads(frames.numbered(head, 5)) == {
        "type": "event",
        "event": "health",
        "payload": {"ok": True},
        "stateVersion": {"presence": 1, "health": 2},
        "seq": 5,
    }


def test_an_error_shape_carries_code_hint_and_when_to_come_back() -> None:
    shape = frames.error_shape(HostError("disk full", hint="free space", retryAfterMs=1500, path="/x"))
    assert shape == {
        "code": "UNAVAILABLE",
        "message": "disk full",
        "details": {"code": "HOST_ERROR", "path": "/x", "hint": "free space"},
        "retryable": True,
        "retryAfterMs": 1500,
    }
    assert "retryable" not in frames.error_shape(RequestError("wrong"))


def test_a_close_reason_is_cut_on_a_characters_boundary() -> None:
    cut = frames.close_reason("é" * 100)
    assert cut == "é" * 60
    assert len(cut.encode()) <= 120


def test_half_a_character_from_outside_never_comes_in() -> None:
    """It could be neither kept nor sent on; a client that cuts a text in the middle of an emoji sends one."""
    request = read_request(r'{"type":"req","id":"1","method":"x","params":{"message":"cut \ud83d"}}')
    assert request.params == {"message": "cut \ufffd"}
