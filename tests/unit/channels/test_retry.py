"""Trying again: three times, politely, and only where it can help."""

import pytest

from clawfleet.channels.failures import NotConnected, SendRefused, TooFast
from clawfleet.channels.retry import Pace, try_thrice
from clawfleet.core.errors import ChannelError
from tests.unit.channels.fake_channel import Waits


class Attempts:
    """Fails with the given errors, one each, then succeeds."""

    def __init__(self, *errors: ChannelError) -> None:
        self.errors = list(errors)
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "sent"


async def test_a_platform_that_is_away_is_asked_three_times_with_growing_pauses() -> None:
    waits, attempts = Waits(), Attempts(NotConnected("a"), NotConnected("b"))
    assert await try_thrice(attempts, waits.pace) == "sent"
    assert waits.seconds == [0.4, 0.8]


async def test_the_third_failure_is_raised() -> None:
    attempts = Attempts(NotConnected("a"), NotConnected("b"), NotConnected("c"))
    with pytest.raises(NotConnected, match="c"):
        await try_thrice(attempts, Waits().pace)
    assert attempts.count == 3


async def test_a_named_pause_is_kept_to_the_second() -> None:
    waits, attempts = Waits(), Attempts(TooFast("telegram", 2), TooFast("telegram", 7))
    assert await try_thrice(attempts, waits.pace) == "sent"
    assert waits.seconds == [2, 7]


@pytest.mark.parametrize("error", [SendRefused("no"), TooFast("telegram", 300)])
async def test_what_another_try_cannot_mend_is_raised_at_once(error: ChannelError) -> None:
    waits, attempts = Waits(), Attempts(error)
    with pytest.raises(type(error)):
        await try_thrice(attempts, waits.pace)
    assert (attempts.count, waits.seconds) == (1, [])


def test_backoff_doubles_to_its_cap_with_a_tenth_of_jitter() -> None:
    middle = Pace(random=lambda: 0.5)
    assert [middle.backoff_s(failures, 1, 60) for failures in (1, 2, 3, 7, 500)] == [1, 2, 4, 60, 60]
    assert Pace(random=lambda: 0.0).backoff_s(1, 1, 60) == pytest.approx(0.9)
    assert Pace(random=lambda: 1.0).backoff_s(9, 1, 60) == pytest.approx(66)
