"""What happens after a failed model call: again, with another key, with another model, or not at all. Pure.

Source: models-and-auth §6.1, §6.2 and §7.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from clawfleet.models.providers.classify import Reason
from clawfleet.models.providers.failures import CallFailed, EmptyAnswer, MalformedCall, ProviderDown

RETRY_VARIABLE = "CLAWFLEET_MODEL_RETRY_S"
"""Seconds that waiting for one model may take at the most, instead of the limits below; 0 never asks again."""

RATE_LIMIT_TRIES = 10
RATE_LIMIT_S = 150.0
TRANSIENT_TRIES = 9
TRANSIENT_S = 90.0
MALFORMED_TRIES = 4
EMPTY_TRIES = 2
"""Of a model that sent a tool call that is none, or nothing at all: the same request, at once."""
TRIES_BEFORE_OTHERS = 2
"""Of a provider that is only busy or broken for a moment, when there is something else to ask."""

MOST_WAIT_S = 30.0
TRANSIENT: frozenset[Reason] = frozenset(("server_error", "overloaded", "timeout"))
ENDS_ALL: frozenset[Reason] = frozenset(("context_overflow", "refusal"))
"""Failures that another model is not asked about: the conversation itself has to change."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How often and how long one key was tried, and whether something else is left to ask. `jitter` is 0 to 1."""

    tries: int
    elapsed_s: float
    has_others: bool
    jitter: float = 0.0
    limit_s: float | None = None


def wait_s(error: CallFailed, tried: Tried) -> float | None:
    """How long to wait before the same is asked again; None when it is not."""
    if isinstance(error, MalformedCall | EmptyAnswer):
        most = MALFORMED_TRIES if isinstance(error, MalformedCall) else EMPTY_TRIES
        return 0.0 if tried.tries < most and tried.elapsed_s < _limit_s(tried, TRANSIENT_S) else None
    if error.reason == "rate_limit":
        most, limit_s = (1 if tried.has_others else RATE_LIMIT_TRIES), RATE_LIMIT_S
    elif error.reason in TRANSIENT:
        is_nobody_there = isinstance(error, ProviderDown) and error.reason == "timeout"
        few = tried.has_others or is_nobody_there
        most, limit_s = (TRIES_BEFORE_OTHERS if few else TRANSIENT_TRIES), TRANSIENT_S
    else:
        return None
    if tried.tries >= most:
        return None
    base_s = min(2.0 ** (tried.tries - 1), MOST_WAIT_S)
    wait = max(base_s * (1 + tried.jitter / 2), error.retry_after_s or 0.0)
    return wait if tried.elapsed_s + wait <= _limit_s(tried, limit_s) else None


def _limit_s(tried: Tried, usual_s: float) -> float:
    return usual_s if tried.limit_s is None else tried.limit_s


def limit_of(text: str | None) -> float | None:
    """The limit that `RETRY_VARIABLE` sets; None when it sets none."""
    text = (text or "").strip()
    return float(text) if text.isascii() and text.isdigit() else None


def next_key_may_help(reason: Reason, *, is_profile: bool) -> bool:
    """Whether the provider's next key is tried. Plain keys take turns at rate limits only, profiles at all that may
    be theirs."""
    if not is_profile:
        return reason == "rate_limit"
    return reason in ("rate_limit", "auth", "auth_permanent", "billing") or reason in TRANSIENT
