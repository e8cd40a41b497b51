"""What became of each credential, and how long one that failed is left alone. Pure; the time is always given.

Source: the table of models-and-auth §6.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from clawfleet.models.providers.classify import Reason

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

NEVER_BLAMED: frozenset[Reason] = frozenset(
    ("format", "model_not_found", "context_overflow", "refusal", "empty_response", "tls_certificate")
)
"""Failures that another credential would meet too."""


@dataclass(frozen=True, slots=True)
class Health:
    """What became of one credential. Times are ms since the epoch, 0 is never.

    Until `cooldown_until_ms` it is left alone (for `cooldown_model` only, when that is set), until `disabled_until_ms`
    its account has to be mended.
    """

    cooldown_until_ms: int = 0
    cooldown_reason: Reason | None = None
    cooldown_model: str | None = None
    disabled_until_ms: int = 0
    disabled_reason: Reason | None = None
    failures: Mapping[str, int] = field(default_factory=dict)
    last_failure_ms: int = 0
    last_used_ms: int = 0

    def blocked_until_ms(self, model: str, now_ms: int) -> int:
        """Until when it is left alone as far as `model` goes; 0 when it may be used."""
        until = self.disabled_until_ms
        if self.cooldown_model in (None, model):
            until = max(until, self.cooldown_until_ms)
        return until if until > now_ms else 0

    def reason(self, now_ms: int) -> Reason | None:
        """Why it is left alone now, whichever the model."""
        if self.disabled_until_ms > now_ms:
            return self.disabled_reason
        return self.cooldown_reason if self.cooldown_until_ms > now_ms else None


def failed(before: Health, reason: Reason, model: str, now_ms: int, *, only_model: bool = False) -> Health:
    """`before` after one more failure. A window that is still open is never made longer.

    `only_model` leaves the credential usable for other models.
    """
    counts = _still_counted(before, now_ms)
    count = counts.get(reason, 0) + 1
    after = replace(before, failures={**counts, reason: count}, last_failure_ms=now_ms)
    until = now_ms + _window_ms(reason, count)
    if reason in ("billing", "auth_permanent"):
        if before.disabled_until_ms > now_ms:
            return after
        return replace(after, disabled_until_ms=until, disabled_reason=reason)
    if before.blocked_until_ms(model, now_ms):
        return after
    scope = model if only_model or reason == "rate_limit" else None
    return replace(after, cooldown_until_ms=until, cooldown_reason=reason, cooldown_model=scope)


def succeeded(now_ms: int) -> Health:
    """After an answer nothing is held against a credential any more."""
    return Health(last_used_ms=now_ms)


def to_json(health: Health) -> dict[str, object]:
    """As it is kept, with the words that OpenClaw keeps it in."""
    row: dict[str, object] = {
        "cooldownUntil": health.cooldown_until_ms,
        "cooldownReason": health.cooldown_reason,
        "cooldownModel": health.cooldown_model,
        "disabledUntil": health.disabled_until_ms,
        "disabledReason": health.disabled_reason,
        "failureCounts": dict(health.failures),
        "lastFailureAt": health.last_failure_ms,
        "lastUsed": health.last_used_ms,
    }
    return {key: value for key, value in row.items() if value}


def from_json(row: Mapping[str, object]) -> Health:
    """What was kept; what makes no sense is left out."""

    def number(name: str) -> int:
        value = row.get(name)
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0

    def text(name: str) -> str | None:
        value = row.get(name)
        return value if isinstance(value, str) else None

    counts = row.get("failureCounts")
    return Health(
        cooldown_until_ms=number("cooldownUntil"),
        cooldown_reason=text("cooldownReason"),  # type: ignore[arg-type]
        cooldown_model=text("cooldownModel"),
        disabled_until_ms=number("disabledUntil"),
        disabled_reason=text("disabledReason"),  # type: ignore[arg-type]
        failures={k: v for k, v in counts.items() if isinstance(v, int)} if isinstance(counts, Mapping) else {},
        last_failure_ms=number("lastFailureAt"),
        last_used_ms=number("lastUsed"),
    )


def _window_ms(reason: Reason, count: int) -> int:
    doubled = 1 << min(count - 1, 20)
    match reason:
        case "rate_limit":
            return min(30 * SECOND_MS * doubled, DAY_MS)
        case "billing":
            return min(10 * MINUTE_MS * doubled, DAY_MS)
        case "auth_permanent":
            return min(10 * MINUTE_MS * doubled, HOUR_MS)
        case _:
            return (30 * SECOND_MS, 60 * SECOND_MS, 300 * SECOND_MS)[min(count, 3) - 1]


def _still_counted(before: Health, now_ms: int) -> Mapping[str, int]:
    """The failures that count on; none after a day of peace. A success forgets them at once."""
    return {} if now_ms - before.last_failure_ms >= DAY_MS else before.failures
