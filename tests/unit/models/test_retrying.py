"""When the same is asked again, and how long it is waited before that."""

from __future__ import annotations

import pytest

from clawfleet.models.providers.classify import Reason, Verdict
from clawfleet.models.providers.failures import CallFailed, Site, empty_answer, failure_of, malformed_call, unreachable
from clawfleet.models.retrying import Tried, limit_of, next_key_may_help, wait_s

SITE = Site("p", "m", "http://x")


def failure(reason: Reason, retry_after_s: float | None = None) -> CallFailed:
    return failure_of(Verdict(reason, 500, retry_after_s, ""), SITE)


def waits(reason: Reason, *, others: bool = False) -> list[float]:
    """All waits of one key that never answers, on a clock that only waits."""
    found: list[float] = []
    while (wait := wait_s(failure(reason), Tried(len(found) + 1, sum(found), others))) is not None:
        found.append(wait)
    return found


def test_a_rate_limit_is_waited_for_when_nothing_else_is_left() -> None:
    assert waits("rate_limit")[:6] == [1, 2, 4, 8, 16, 30]
    assert len(waits("rate_limit")) <= 9 and sum(waits("rate_limit")) <= 150
    assert waits("rate_limit", others=True) == []


def test_a_broken_provider_is_asked_again_for_a_minute_and_a_half() -> None:
    assert 60 < sum(waits("server_error")) <= 90
    assert waits("overloaded", others=True) == [1]


@pytest.mark.parametrize("reason", ["auth", "billing", "format", "model_not_found", "refusal", "context_overflow"])
def test_what_stays_wrong_is_not_asked_again(reason: Reason) -> None:
    assert waits(reason) == []


def test_a_server_that_is_not_there_is_tried_once_more() -> None:
    error = unreachable(SITE, "refused")
    assert wait_s(error, Tried(1, 0, has_others=False)) == 1
    assert wait_s(error, Tried(2, 1, has_others=False)) is None


def test_the_provider_says_how_long_at_least_and_too_long_is_not_waited() -> None:
    assert wait_s(failure("rate_limit", 7), Tried(1, 0, has_others=False)) == 7
    assert wait_s(failure("rate_limit", 3600), Tried(1, 0, has_others=False)) is None
    assert wait_s(failure("rate_limit"), Tried(1, 0, has_others=False, jitter=1)) == 1.5


def test_the_operator_can_limit_the_waiting() -> None:
    assert limit_of(" 0 ") == 0 and limit_of("x") is None and limit_of(None) is None
    assert wait_s(failure("server_error"), Tried(1, 0, has_others=False, limit_s=0)) is None


def test_plain_keys_take_turns_at_rate_limits_only() -> None:
    assert next_key_may_help("rate_limit", is_profile=False)
    assert not next_key_may_help("auth", is_profile=False)
    assert not next_key_may_help("billing", is_profile=False)
    assert all(next_key_may_help(reason, is_profile=True) for reason in ("auth", "billing", "rate_limit", "timeout"))
    assert not next_key_may_help("format", is_profile=True)


@pytest.mark.parametrize(("error", "times"), [(malformed_call(SITE, "exec"), 3), (empty_answer(SITE), 1)])
def test_a_call_that_is_none_and_an_empty_answer_are_asked_for_again_at_once(error: CallFailed, times: int) -> None:
    found = [wait_s(error, Tried(tries, 1.0, has_others=True)) for tries in range(1, 6)]
    assert found == [0.0] * times + [None] * (5 - times)
    assert wait_s(error, Tried(1, 0, has_others=False, limit_s=0)) is None
