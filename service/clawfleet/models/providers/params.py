"""What the operator wants sent with every call of a model (`params`), put into a request and into its body. Pure.

Source: models-and-auth §2.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clawfleet.models.providers.base import Endpoint, Request
from clawfleet.models.providers.effort import level_named

_LIMITS = ("maxTokens", "max_tokens", "max_completion_tokens")
_TUNED = {
    "temperature": ("temperature",),
    "top_p": ("topP", "top_p"),
    "frequency_penalty": ("frequencyPenalty", "frequency_penalty"),
    "presence_penalty": ("presencePenalty", "presence_penalty"),
}
_EXTRA_BODY = ("extra_body", "extraBody")
_TIERS = ("serviceTier", "service_tier")
_FAST = ("fastMode", "fast_mode")
NOT_SENT = frozenset(
    (
        *_LIMITS,
        *(name for names in _TUNED.values() for name in names),
        *_EXTRA_BODY,
        *_TIERS,
        *_FAST,
        *("cacheRetention", "thinking", "transport", "fastAutoOnSeconds", "context1m", "responsesServerCompaction"),
        *("responsesCompactThreshold", "anthropicServerCompaction", "anthropicCompactThreshold"),
    )
)


def tuned(request: Request, endpoint: Endpoint) -> Request:
    """`request`, with what the operator wants where the caller left it open."""
    params = endpoint.params
    if not params:
        return request
    sampling = request.sampling
    said: dict[str, Any] = {}
    for name, keys in _TUNED.items():
        if getattr(sampling, name) is None and (value := _number(params, keys)) is not None:
            said[name] = float(value)
    if sampling.max_tokens is None and (limit := _number(params, _LIMITS)) is not None and limit >= 1:
        said["max_tokens"] = int(limit)
    if endpoint.reasoning and sampling.reasoning_effort is None and (level := level_named(params.get("thinking"))):
        said["reasoning_effort"] = level
    return replace(request, sampling=replace(sampling, **said)) if said else request


def service_tier(params: Mapping[str, object], fast: str, slow: str | None = None) -> str | None:
    """The tier that is paid for: as written, else `fast` or `slow` as `fastMode` says; None when nothing is said."""
    if tier := next((value for name in _TIERS if isinstance(value := params.get(name), str) and value), None):
        return tier
    wanted = next((params[name] for name in _FAST if name in params), None)
    return fast if wanted in (True, "on") else slow if wanted in (False, "off") else None


def wider(body: dict[str, object], endpoint: Endpoint, *, takes_any: bool = False) -> dict[str, object]:
    """`body` with what else the operator wants in it: `extra_body` wins over all.

    A wire that `takes_any` gets every other key too, unless the body says something of it.
    """
    if not endpoint.params:
        return body
    others = {name: value for name, value in endpoint.params.items() if name not in NOT_SENT} if takes_any else {}
    extra = next((value for name in _EXTRA_BODY if isinstance(value := endpoint.params.get(name), Mapping)), {})
    return {**others, **body, **extra}


def _number(params: Mapping[str, object], names: tuple[str, ...]) -> float | None:
    values = (params.get(name) for name in names)
    return next((value for value in values if isinstance(value, int | float) and not isinstance(value, bool)), None)
