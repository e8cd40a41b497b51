"""Time in the wire's unit."""

import time

from clawfleet.core.clock import now_ms


def test_it_is_milliseconds_since_the_epoch() -> None:
    assert abs(now_ms() - time.time() * 1000) < 1000
