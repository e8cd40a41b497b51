"""Time in the wire's unit."""

import time

from clawfleet.core.clock import iso_time, now_ms


def test_it_is_milliseconds_since_the_epoch() -> None:
    assert abs(now_ms() - time.time() * 1000) < 1000


def test_a_time_reads_in_utc_with_milliseconds() -> None:
    assert iso_time(1_795_236_780_149) == "2026-11-21T04:53:00.149Z"
    assert iso_time(0) == "1970-01-01T00:00:00.000Z"
