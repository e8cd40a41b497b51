"""Each failure a provider can report gets the reason of the table in models-and-auth §5."""

from __future__ import annotations

import json

import pytest

from clawfleet.models.providers.classify import SHORT_TEXT_CHARS, Reason, classify


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (401, "Missing API key", "auth"),
        (401, "", "auth"),
        (403, "Forbidden", "auth"),
        (401, "This API key has been revoked.", "auth_permanent"),
        (401, "deactivated_workspace", "auth_permanent"),
        (403, "Your account has been deactivated", "auth_permanent"),
        (403, "OAuth is not allowed for this organization", "auth_permanent"),
        (403, "Insufficient credits on this account", "billing"),
        (402, "Payment required", "billing"),
        (402, "", "billing"),
        (402, "You reached your monthly usage limit", "rate_limit"),
        (402, "Your organization has hit its spend limit", "rate_limit"),
        (402, "Please try again later, limit reached", "rate_limit"),
        (404, "", "model_not_found"),
        (404, "The model `x` does not exist", "model_not_found"),
        (404, "rate limit reached for this route", "rate_limit"),
        (408, "", "timeout"),
        (410, "", "timeout"),
        (429, "", "rate_limit"),
        (429, "insufficient_quota: You exceeded your current quota", "billing"),
        (429, "Your credit balance is too low", "billing"),
        (400, "", "format"),
        (422, "field required", "format"),
        (400, "This model's maximum context length is 8192 tokens", "context_overflow"),
        (400, "input too long", "context_overflow"),
        (400, "exceeds the maximum number of input tokens", "context_overflow"),
        (413, "request_too_large", "context_overflow"),
        (413, "Request too large on tokens per minute (TPM): Limit 8000, Requested 8098", "rate_limit"),
        (400, "API key not valid. Please pass a valid API key.", "auth"),
        (400, "model_not_found", "model_not_found"),
        (499, "", "timeout"),
        (504, "", "timeout"),
        (522, "", "timeout"),
        (524, "", "timeout"),
        (529, "", "overloaded"),
        (500, "", "server_error"),
        (502, "bad gateway", "server_error"),
        (503, "Service Unavailable", "overloaded"),
        (503, "upstream died", "server_error"),
        (500, "The model is at capacity", "overloaded"),
        (418, "teapot", "unclassified"),
        (307, "", "unclassified"),
        (None, "Too many concurrent requests", "rate_limit"),
        (None, "ThrottlingException: slow down", "rate_limit"),
        (None, "concurrency limit has been breached", "rate_limit"),
        (None, "model_cooldown", "rate_limit"),
        (None, "RESOURCE_EXHAUSTED", "rate_limit"),
        (None, "workers_ai account quota limit exceeded", "rate_limit"),
        (None, "HTTP 429", "rate_limit"),
        (None, "the answer is 429 apples", "unclassified"),
        (None, "请求过于频繁，请稍后再试", "rate_limit"),
        (None, "额度不足", "rate_limit"),
        (None, "访问量过大", "overloaded"),
        (None, "账户余额不足", "billing"),
        (None, "密钥无效", "auth"),
        (None, "overloaded_error", "overloaded"),
        (None, "ModelNotReadyException", "overloaded"),
        (None, "token expired", "auth"),
        (None, "socket hang up", "timeout"),
        (None, "something odd", "unclassified"),
    ],
)
def test_reason_of_status_and_text(status: int | None, text: str, reason: Reason) -> None:
    assert classify(status, text).reason == reason
    assert classify(status, json.dumps({"error": {"message": text}})).reason == reason


@pytest.mark.parametrize(
    ("error", "reason", "status"),
    [
        ({"code": 500, "message": "boom"}, "server_error", 500),
        ({"code": "429", "message": "slow"}, "rate_limit", 429),
        ({"type": "overloaded_error", "message": "busy"}, "overloaded", None),
        ({"code": "rate_limit_exceeded", "message": "slow"}, "rate_limit", None),
        ({"code": "context_length_exceeded", "message": "x"}, "context_overflow", None),
        ({"code": "insufficient_quota", "message": "exceeded your current quota"}, "billing", None),
        ({"code": "content_filter", "message": "x"}, "refusal", None),
    ],
)
def test_an_error_object_in_a_stream_counts_like_an_http_error(
    error: dict[str, object], reason: Reason, status: int | None
) -> None:
    verdict = classify(None, json.dumps({"error": error}))
    assert (verdict.reason, verdict.status) == (reason, status)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"error": {"message": "Bad key", "type": "auth"}}', "Bad key"),
        ('{"error": "Missing API key"}', "Missing API key"),
        ('{"detail": "Not Found"}', "Not Found"),
        ('{"detail": [{"loc": ["body"], "msg": "required"}]}', '[{"loc": ["body"], "msg": "required"}]'),
        ('{"object": "error", "message": "vllm says no", "code": 400}', "vllm says no"),
        ('[{"error": {"message": "from google", "code": 400}}]', "from google"),
        ("plain words\nin lines\x1b[31m", "plain words in lines [31m"),
        ("<html><body>rate limit</body></html>", ""),
        ('{"error": null}', ""),
        ("[]", ""),
        ("17", ""),
        ("", ""),
    ],
)
def test_the_explanation_is_one_clean_line(body: str, text: str) -> None:
    assert classify(400, body).text == text


def test_a_web_page_is_judged_by_its_status_alone() -> None:
    assert classify(500, "<!doctype html><p>overloaded, rate limit").reason == "server_error"


def test_a_long_explanation_is_cut() -> None:
    assert len(classify(400, "word " * 5000).text) <= SHORT_TEXT_CHARS


def test_a_deeply_nested_body_is_only_text() -> None:
    assert classify(500, "[" * 200_000).reason == "server_error"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Sat, 21 Nov 2026 04:28:30 GMT", "date": "Sat, 21 Nov 2026 04:28:00 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 04:27:00 GMT", "date": "Sat, 21 Nov 2026 04:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 04:28:30 GMT"}, None),
        ({}, None),
    ],
)
def test_the_wait_a_provider_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert classify(429, "", headers).retry_after_s == seconds
