"""How HTTP endpoints say no: OpenAI's error object, with the status that clients of that API expect.

Source: http-and-web §3, §6.8; models-and-auth §5.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from clawfleet.agents.endings import error_text
from clawfleet.agents.failures import Draining, InternalFailure, TurnTimedOut
from clawfleet.core.errors import GatewayError, ProviderError, RequestError
from clawfleet.models.providers.failures import ProviderTimeout

_TYPES = {400: "invalid_request_error", 404: "invalid_request_error", 401: "authentication_error",
          402: "insufficient_quota", 403: "authentication_error", 429: "rate_limit_error"}  # fmt: skip


class HttpRefusal(Exception):
    """Ends a request with an error object. Raise it from an endpoint."""

    def __init__(self, status: int, message: str, kind: str, *, code: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": {"message": message, "type": kind}}
        if code is not None:
            self.body["error"]["code"] = code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


async def answer_refusal(request: Request, refusal: Exception) -> JSONResponse:
    """The response for an `HttpRefusal`; registered as the app's handler for it."""
    assert isinstance(refusal, HttpRefusal)
    return JSONResponse(refusal.body, refusal.status, refusal.headers)


async def answer_plainly(request: Request, refusal: Exception) -> PlainTextResponse:
    """404 and 405 as plain words with their headers (http-and-web §2), instead of the framework's own object."""
    assert isinstance(refusal, HTTPException)
    return PlainTextResponse(HTTPStatus(refusal.status_code).phrase, refusal.status_code, refusal.headers)


def bad_request(message: str) -> HttpRefusal:
    """The request is wrong; `message` names the field."""
    return HttpRefusal(400, message, "invalid_request_error")


def refusal_of(error: GatewayError) -> HttpRefusal:
    """An expected failure of a run as an HTTP answer: provider statuses are relayed, known causes are named."""
    text = error_text(error)
    if isinstance(error, Draining):
        return HttpRefusal(503, error.message, "service_unavailable", code="gateway_unavailable", Retry_After="1")
    if isinstance(error, TurnTimedOut):
        return HttpRefusal(408, text, "api_error", code=error.code)
    if isinstance(error, RequestError) and not isinstance(error, ProviderError):
        return HttpRefusal(400, text, "invalid_request_error", code=error.code)
    if isinstance(error, ProviderError):
        status = getattr(error, "status", None)
        relayed = status if status in _TYPES else 408 if isinstance(error, ProviderTimeout) else 502
        wait_s = getattr(error, "retry_after_s", None)
        headers = {"Retry_After": str(math.ceil(wait_s))} if wait_s is not None else {}
        return HttpRefusal(relayed, text, _TYPES.get(relayed, "api_error"), code=error.code, **headers)
    return HttpRefusal(500 if isinstance(error, InternalFailure) else 503, text, "api_error", code=error.code)
