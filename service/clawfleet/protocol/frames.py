"""The three kinds of frames and the error shape. Source: protocol §2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clawfleet.core.errors import GatewayError, RequestError
from clawfleet.core.text import read_json
from clawfleet.protocol.limits import MAX_CLOSE_REASON

_REQUEST_KEYS = {"type", "id", "method", "params", "traceparent", "expectedProfileId"}


class BadFrame(RequestError):
    """A frame that is no request. `request_id` is what can be answered to, `invalid` when the frame has none."""

    code = "INVALID_FRAME"

    def __init__(self, why: str, request_id: str = "invalid") -> None:
        super().__init__(f"invalid request frame: {why}")
        self.request_id = request_id


class NotJson(RequestError):
    """Not a JSON object at all; there is nothing to answer to."""

    code = "NOT_JSON"


@dataclass(frozen=True, slots=True)
class RequestFrame:
    """A client's request. `params` is whatever JSON was there, None when absent or null."""

    id: str
    method: str
    params: Any = None


def read_request(data: str | bytes) -> RequestFrame:
    """The request in a frame. Raises `NotJson`, or `BadFrame` naming the field that is wrong."""
    try:
        frame = read_json(data)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"not JSON: {error}") from error
    if not isinstance(frame, dict):
        raise BadFrame(f"expected an object, got {type(frame).__name__}")
    request_id = frame.get("id")
    if not isinstance(request_id, str) or not request_id:
        raise BadFrame("must have required property 'id'")
    if frame.get("type") != "req":
        raise BadFrame("at /type: must be equal to constant", request_id)
    method = frame.get("method")
    if not isinstance(method, str) or not method:
        raise BadFrame("must have required property 'method'", request_id)
    if unexpected := sorted(set(frame) - _REQUEST_KEYS):
        raise BadFrame(f"at root: unexpected property '{unexpected[0]}'", request_id)
    return RequestFrame(request_id, method, frame.get("params"))


def dumps(value: Any) -> str:
    """Compact JSON, text as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def response(request_id: str, payload: Any) -> str:
    """A response frame that carries a result."""
    return dumps({"type": "res", "id": request_id, "ok": True, "payload": payload})


def refusal(request_id: str, error: Mapping[str, Any]) -> str:
    """A response frame that carries an error shape."""
    return dumps({"type": "res", "id": request_id, "ok": False, "error": error})


def error_shape(error: GatewayError) -> dict[str, Any]:
    """An expected failure as the wire tells it: code, message, details with our stable code, and the hint."""
    shape: dict[str, Any] = {"code": error.wire_code, "message": error.message}
    details: dict[str, Any] = {"code": error.code, **error.details}
    retry_after_ms = details.pop("retryAfterMs", None)
    if error.hint:
        details["hint"] = error.hint
    if details != {"code": error.wire_code}:  # which would say nothing new
        shape["details"] = details
    if error.is_retryable:
        shape["retryable"] = True
    if retry_after_ms is not None:
        shape["retryAfterMs"] = retry_after_ms
    return shape


def event(name: str, payload: Any) -> str:
    """An event frame without a sequence number, as the challenge is sent."""
    return dumps({"type": "event", "event": name, "payload": payload})


def event_head(name: str, payload: Any, state_version: Mapping[str, int] | None = None) -> str:
    """An event frame up to its sequence number; `numbered` completes it, so fan-out encodes the payload once."""
    head = f'{{"type":"event","event":{dumps(name)},"payload":{dumps(payload)}'
    return head if state_version is None else f'{head},"stateVersion":{dumps(state_version)}'


def numbered(head: str, seq: int) -> str:
    """The whole event frame for one connection."""
    return f'{head},"seq":{seq}}}'


def close_reason(text: str) -> str:
    """`text` cut to what fits a close frame, on a character's boundary."""
    return text.encode()[:MAX_CLOSE_REASON].decode(errors="ignore")
