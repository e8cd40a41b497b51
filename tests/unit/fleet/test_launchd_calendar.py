"""Calendar events in launchd's words."""

from __future__ import annotations

import pytest

from clawfleet.fleet.launchd_calendar import start_calendar_interval


@pytest.mark.parametrize(
    ("event", "interval"),
    [
        ("daily", {"Hour": 0, "Minute": 0}),
        ("weekly", {"Weekday": 1, "Hour": 0, "Minute": 0}),
        ("03:30", {"Hour": 3, "Minute": 30}),
        ("*-*-* 03:30:00", {"Hour": 3, "Minute": 30}),
        ("*-*-01 05:00", {"Day": 1, "Hour": 5, "Minute": 0}),
        ("Sun 04:00", {"Weekday": 0, "Hour": 4, "Minute": 0}),
        ("*:15", {"Minute": 15}),
        ("Mon..Fri 04:00", None),
        ("quarterly", None),
        ("Foo 04:00", None),
    ],
)
def test_what_both_can_say_is_said_and_nothing_else(event: str, interval: dict[str, int] | None) -> None:
    """None is for the check to refuse."""
    assert start_calendar_interval(event) == interval
