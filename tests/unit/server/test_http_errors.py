"""Failures as OpenAI's error object with the status that its clients expect."""

import json

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from clawfleet.agents.failures import Draining, InternalFailure, TurnTimedOut
from clawfleet.core.errors import GatewayError, HostError, RequestError
from clawfleet.models.catalog import UnknownModel
from clawfleet.models.providers import failures
from clawfleet.models.providers.classify import Reason, Verdict
from clawfleet.models.providers.failures import Site
from clawfleet.server.http_errors import HttpRefusal, answer_plainly, answer_refusal, bad_request, refusal_of

SITE = Site("fake", "one", "http://127.0.0.1:9/v1", "models.providers.fake.apiKey")


def provider(reason: Reason, status: int | None, retry_after_s: float | None = None) -> GatewayError:
    return failures.failure_of(Verdict(reason, status, retry_after_s, "said the provider"), SITE)


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (provider("auth", 401), 401, "authentication_error", "PROVIDER_KEY_REJECTED"),
        (provider("auth", 403), 403, "authentication_error", "PROVIDER_KEY_REJECTED"),
        (provider("billing", 402), 402, "insufficient_quota", "PROVIDER_BILLING"),
        (provider("rate_limit", 429, 7), 429, "rate_limit_error", "PROVIDER_RATE_LIMITED"),
        (provider("format", 400), 400, "invalid_request_error", "PROVIDER_REQUEST_REJECTED"),
        (provider("context_overflow", 400), 400, "invalid_request_error", "PROVIDER_CONTEXT_OVERFLOW"),
        (provider("model_not_found", 404), 404, "invalid_request_error", "PROVIDER_MODEL_NOT_FOUND"),
        (provider("server_error", 500), 502, "api_error", "PROVIDER_DOWN"),
        (provider("server_error", 503), 502, "api_error", "PROVIDER_DOWN"),
        (provider("overloaded", 529), 502, "api_error", "PROVIDER_OVERLOADED"),
        (failures.timed_out(SITE, "idle", 3), 408, "api_error", "PROVIDER_TIMEOUT"),
        (failures.stream_cut(SITE), 502, "api_error", "PROVIDER_STREAM_CUT"),
        (failures.unreachable(SITE, "connection refused"), 502, "api_error", "PROVIDER_DOWN"),
        (failures.bad_reply(SITE, "sent no JSON"), 502, "api_error", "PROVIDER_BAD_REPLY"),
        (failures.no_key(SITE, ["FAKE_API_KEY"]), 502, "api_error", "PROVIDER_NO_KEY"),
        (TurnTimedOut(600), 408, "api_error", "TURN_TIMED_OUT"),
        (RequestError("that makes no sense"), 400, "invalid_request_error", "INVALID_REQUEST"),
        (UnknownModel('Unknown model "x"'), 400, "invalid_request_error", "UNKNOWN_MODEL"),
        (Draining(), 503, "service_unavailable", "gateway_unavailable"),
        (HostError("the disk is full"), 503, "api_error", "HOST_ERROR"),
        (InternalFailure("run-1"), 500, "api_error", "INTERNAL"),
    ],
    ids=lambda value: value.code if isinstance(value, GatewayError) else None,
)
def test_every_cause_has_its_status_type_and_code(error: GatewayError, status: int, kind: str, code: str) -> None:
    refusal = refusal_of(error)
    body = refusal.body["error"]
    assert (refusal.status, body["type"], body["code"]) == (status, kind, code)
    assert error.message in body["message"]


def test_a_known_cause_comes_with_its_cure() -> None:
    assert "put a valid one there" in refusal_of(provider("auth", 401)).body["error"]["message"]


@pytest.mark.parametrize(("seconds", "header"), [(7, "7"), (1.2, "2"), (0.0, "0")])
def test_when_to_come_back_is_relayed_as_a_header(seconds: float, header: str) -> None:
    assert refusal_of(provider("rate_limit", 429, seconds)).headers == {"Retry-After": header}


def test_without_a_word_of_the_provider_there_is_no_such_header() -> None:
    assert refusal_of(provider("rate_limit", 429)).headers == {}


async def test_a_draining_gateway_says_when_to_come_back() -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    reply = await answer_refusal(request, refusal_of(Draining()))
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    assert json.loads(bytes(reply.body)) == {
        "error": {
            "message": "Gateway is temporarily unavailable while suspending or restarting",
            "type": "service_unavailable",
            "code": "gateway_unavailable",
        }
    }


async def test_what_no_endpoint_knows_is_told_in_plain_words_with_its_headers() -> None:
    request = Request({"type": "http", "method": "POST", "path": "/healthz", "headers": []})
    reply = await answer_plainly(request, HTTPException(405, headers={"Allow": "GET, HEAD"}))
    assert (reply.status_code, bytes(reply.body), reply.headers["allow"]) == (405, b"Method Not Allowed", "GET, HEAD")
    assert reply.headers["content-type"].startswith("text/plain")


def test_a_wrong_request_names_the_field() -> None:
    refusal = bad_request("`temperature` must be between 0 and 2.")
    assert isinstance(refusal, HttpRefusal)
    assert refusal.body == {
        "error": {"message": "`temperature` must be between 0 and 2.", "type": "invalid_request_error"}
    }
