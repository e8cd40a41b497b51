"""Which kind of failure a provider's answer means: status, body and headers in, one word out. Pure.

The word decides what happens next (retry, next key, next model, tell the user) and which text is shown.
Source: models-and-auth §5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal

Reason = Literal[
    "auth",
    "auth_permanent",
    "billing",
    "context_overflow",
    "empty_response",
    "format",
    "model_not_found",
    "overloaded",
    "rate_limit",
    "refusal",
    "server_error",
    "timeout",
    "tls_certificate",
    "unclassified",
]

SHORT_TEXT_CHARS = 200


def _phrases(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_TOKENS_PER_TIME = _phrases(r"\btpm\b", r"tokens per (minute|day)")
_CONTEXT_OVERFLOW = _phrases(
    r"maximum context length",
    r"context_length_exceeded",
    r"context[ _](length|window)[^.]{0,40}exceed",
    r"exceed[^.]{0,40}context[ _](length|window|size)",
    r"request_too_large",
    r"(input|prompt) (is )?too long",
    r"exceeds the maximum number of (input )?tokens",
)
_MODEL_NOT_FOUND = _phrases(
    r"model[_ ]not[_ ](found|exist)",
    r"(unknown|invalid|no such) model",
    r"\bmodel\b[^.]{0,120}(does not exist|not found|is not available|not supported)",
    r"not a valid model",
    r"模型不存在",
)
_AUTH_PERMANENT = _phrases(
    r"key[^.]{0,30}(revoked|deactivated|deleted)",
    r"(revoked|deactivated|deleted)[^.]{0,30}key",
    r"deactivated_workspace",
    r"account has been deactivated",
    r"not allowed for this organization",
)
_BILLING = _phrases(
    r"payment required",
    r"insufficient[ _](credits?|quota|balance|funds)",
    r"credit balance",
    r"spend limit",
    r"plans & billing",
    r"requires more credits",
    r"billing_error",
    r"余额不足",
    r"欠费",
)
_RETRYABLE_WINDOW = _phrases(
    r"(hourly|daily|weekly|monthly)[^.]{0,60}limit",
    r"(organization|workspace)[^.]{0,60}spend limit",
    r"spend limit[^.]{0,60}(organization|workspace)",
    r"try again[^.]{0,80}limit",
    r"limit[^.]{0,80}try again",
)
_RATE_LIMIT = _phrases(
    r"rate[ _-]?limit",
    r"too many (concurrent )?requests",
    r"\b(http|status|quota|error)\W{0,3}(code\W{0,3})?429\b",
    r"\b429\W{0,3}(http|status|quota|error)",
    r"throttl(ed|ing)",
    r"concurrency limit[^.]{0,60}(reached|breached)",
    r"model_cooldown",
    r"exceeded your current quota",
    r"resource[ _]exhausted",
    r"quota (limit )?exceeded",
    r"usage limit",
    r"\btpm\b",
    r"tokens per (minute|day)",
    r"(daily|weekly|monthly) limit[^.]{0,30}reached",
    r"请求过于频繁|调用频率|频率限制|配额不足|配额已用尽|额度不足",
)
_OVERLOADED = _phrases(
    r"overloaded",
    r"at capacity",
    r"service unavailable",
    r"high demand",
    r"ModelNotReadyException",
    r"服务过载|访问量过大",
)
_AUTH = _phrases(
    r"(incorrect|invalid)[ _]api[ _]key",
    r"api key not valid",
    r"invalid[ _]token",
    r"authentication",
    r"unauthorized",
    r"forbidden",
    r"access denied",
    r"\bexpired\b",
    r"no credentials found",
    r"no api key found",
    r"missing scope",
    r"permission[_ ](error|denied)",
    r"认证失败|鉴权失败|密钥无效",
)
_SERVER_ERROR = _phrases(r"\binternal[ _](server[ _])?error", r"\bserver_error\b", r"\bapi_error\b", r"\bINTERNAL\b")
_TIMEOUT = _phrases(r"timed? ?out", r"ECONNRESET", r"ETIMEDOUT", r"ENOTFOUND", r"socket hang up", r"\bterminated\b")
_REFUSAL = _phrases(r"content_filter", r"content management policy", r"content[ _]policy")

# For a text without a telling status, first match wins: the narrow kinds stand before the wide ones.
_BY_TEXT: tuple[tuple[re.Pattern[str], Reason], ...] = (
    (_TOKENS_PER_TIME, "rate_limit"),  # a "request too large" against a per-minute budget is no context overflow
    (_CONTEXT_OVERFLOW, "context_overflow"),
    (_MODEL_NOT_FOUND, "model_not_found"),
    (_BILLING, "billing"),
    (_RATE_LIMIT, "rate_limit"),
    (_OVERLOADED, "overloaded"),
    (_AUTH_PERMANENT, "auth_permanent"),
    (_AUTH, "auth"),
    (_REFUSAL, "refusal"),
    (_TIMEOUT, "timeout"),
    (_SERVER_ERROR, "server_error"),
)
_BY_STATUS: dict[int, Reason] = {
    400: "format",
    404: "model_not_found",
    408: "timeout",
    410: "timeout",
    422: "format",
    499: "timeout",
    504: "timeout",
    522: "timeout",
    524: "timeout",
    529: "overloaded",
}


_RETRY_IN_BODY = re.compile(r'"retryDelay"\s*:\s*"(\d{1,6}(?:\.\d+)?)s"')  # where Google says how long to wait


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failed call means. `text` is the provider's own explanation, one short clean line, or empty."""

    reason: Reason
    status: int | None
    retry_after_s: float | None
    text: str


def classify(status: int | None, body_text: str, headers: Mapping[str, str] | None = None) -> Verdict:
    """The verdict on an HTTP error answer, or (`status` None) on an error object inside a stream.

    `headers` have lower-case names. An error object may carry its own status under `code` or `status`.
    """
    message, marks = _explanation(body_text)
    if status is None:
        status = next((int(mark) for mark in marks if re.fullmatch(r"[45]\d\d", mark)), None)
    evidence = " ".join((*marks, message))
    wait_s = _retry_after_s(headers or {})
    if wait_s is None and (said := _RETRY_IN_BODY.search(body_text)):
        wait_s = float(said.group(1))
    return Verdict(_reason(status, evidence), status, wait_s, _one_line(message))


def _reason(status: int | None, text: str) -> Reason:
    if status in (401, 403):
        return _auth_reason(text)
    if status == 402:
        return "rate_limit" if _RETRYABLE_WINDOW.search(text) else "billing"
    if status == 429:
        return "billing" if _BILLING.search(text) and not _RETRYABLE_WINDOW.search(text) else "rate_limit"
    if status is not None and status >= 500:
        return _BY_STATUS.get(status) or ("overloaded" if _OVERLOADED.search(text) else "server_error")
    by_text = next((reason for pattern, reason in _BY_TEXT if pattern.search(text)), None)
    return by_text or _BY_STATUS.get(status or 0, "unclassified")


def _auth_reason(text: str) -> Reason:
    if _AUTH_PERMANENT.search(text):
        return "auth_permanent"
    return "billing" if _BILLING.search(text) else "auth"


def _explanation(body_text: str) -> tuple[str, list[str]]:
    """The sentence a body holds, and its `code`/`type`/`status` marks. An HTML page explains nothing."""
    text = body_text.strip()
    if text[:1] == "<":
        return "", []
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError):
        return text, []
    if isinstance(body, list):  # Google wraps its error object in an array
        body = body[0] if body else None
    if isinstance(body, dict) and "error" in body:
        body = body["error"] if isinstance(body["error"], dict) else {**body, "message": body["error"]}
    if not isinstance(body, dict):
        return body if isinstance(body, str) else "", []
    marks = [str(body[key]) for key in ("code", "type", "status") if isinstance(body.get(key), str | int)]
    said = next((body[key] for key in ("message", "detail", "msg", "error_description") if body.get(key)), "")
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False), marks


def _one_line(text: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in text[: 4 * SHORT_TEXT_CHARS])
    line = " ".join(printable.split())
    return line if len(line) <= SHORT_TEXT_CHARS else line[: SHORT_TEXT_CHARS - 1].rstrip() + "…"


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds the provider asks to wait: `retry-after-ms`, else `retry-after` as seconds or as a date."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if re.fullmatch(r"\d{1,9}(\.\d+)?", value := headers.get(name, "").strip()):
            return float(value) * unit
    try:  # a date counts from the provider's own clock
        until = parsedate_to_datetime(headers["retry-after"]) - parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return max(0.0, until.total_seconds())
