"""How long a credential that failed is left alone, by the documented figures."""

from __future__ import annotations

import pytest

from clawfleet.models.auth.health import DAY_MS, Health, failed, from_json, succeeded, to_json
from clawfleet.models.providers.classify import Reason

NOW = 1_800_000_000_000


def windows(reason: Reason, count: int) -> list[int]:
    """The seconds of `count` windows, each failure right after the window before it."""
    health, now, found = Health(), NOW, []
    for _ in range(count):
        health = failed(health, reason, "m", now)
        until = max(health.cooldown_until_ms, health.disabled_until_ms)
        found.append((until - now) // 1000)
        now = until
    return found


@pytest.mark.parametrize(
    ("reason", "seconds"),
    [
        ("auth", [30, 60, 300, 300]),
        ("timeout", [30, 60, 300]),
        ("rate_limit", [30, 60, 120, 240]),
        ("billing", [600, 1200, 2400]),
        ("auth_permanent", [600, 1200, 2400, 3600, 3600]),
    ],
)
def test_windows_grow_as_documented(reason: Reason, seconds: list[int]) -> None:
    assert windows(reason, len(seconds)) == seconds


def test_no_window_is_longer_than_a_day() -> None:
    assert max(windows("rate_limit", 14)) == DAY_MS // 1000


def test_a_rate_limit_is_of_one_model_and_billing_of_all() -> None:
    limited = failed(Health(), "rate_limit", "big", NOW)
    assert limited.blocked_until_ms("big", NOW) == NOW + 30_000
    assert limited.blocked_until_ms("small", NOW) == 0
    broke = failed(Health(), "billing", "big", NOW)
    assert broke.blocked_until_ms("small", NOW) == NOW + 600_000
    assert broke.reason(NOW) == "billing"


def test_a_closed_model_leaves_the_key_good_for_others() -> None:
    health = failed(Health(), "auth", "closed", NOW, only_model=True)
    assert health.blocked_until_ms("closed", NOW) and not health.blocked_until_ms("open", NOW)


def test_an_open_window_is_not_made_longer() -> None:
    once = failed(Health(), "auth", "m", NOW)
    twice = failed(once, "auth", "m", NOW + 10_000)
    assert twice.cooldown_until_ms == once.cooldown_until_ms


def test_a_success_or_a_day_of_peace_forgets() -> None:
    assert succeeded(NOW) == Health(last_used_ms=NOW)
    health = failed(failed(Health(), "auth", "m", NOW), "auth", "m", NOW + 31_000)
    later = NOW + 31_000 + DAY_MS
    assert failed(health, "auth", "m", later).cooldown_until_ms == later + 30_000


def test_it_is_kept_and_read_back() -> None:
    health = failed(failed(Health(last_used_ms=5), "rate_limit", "m", NOW), "billing", "m", NOW)
    assert from_json(to_json(health)) == health
    assert to_json(health)["failureCounts"] == {"rate_limit": 1, "billing": 1}
    assert from_json({"cooldownUntil": "soon", "failureCounts": []}) == Health()
