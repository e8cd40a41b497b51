"""Calendar events of systemd as launchd's StartCalendarInterval, as far as the two can say the same."""

from __future__ import annotations

import re

_NAMED = {
    "hourly": {"Minute": 0},
    "daily": {"Hour": 0, "Minute": 0},
    "weekly": {"Weekday": 1, "Hour": 0, "Minute": 0},
    "monthly": {"Day": 1, "Hour": 0, "Minute": 0},
}
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_EVENT = re.compile(r"(?:([A-Za-z]{3})[a-z]* )?(?:\*-\*-(\*|\d\d?) )?(\d\d?|\*):(\d\d)(?::00)?")


def start_calendar_interval(event: str) -> dict[str, int] | None:
    """`daily`, `hourly`, `03:30`, `*-*-* 03:30:00`, `Mon 04:00`, `*-*-01 05:00` as launchd says it; None for others."""
    if event in _NAMED:
        return dict(_NAMED[event])
    found = _EVENT.fullmatch(event.strip())
    if found is None or (found[1] and found[1].lower() not in _DAYS):
        return None
    day, date, hour, minute = found.groups()
    interval = {"Weekday": _DAYS.index(day.lower())} if day else {}
    interval |= {"Day": int(date)} if date not in {None, "*"} else {}
    interval |= {"Hour": int(hour)} if hour != "*" else {}
    return interval | {"Minute": int(minute)}
