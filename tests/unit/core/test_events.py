"""The bus tells everybody, and one bad listener spoils nothing."""

import pytest

from clawfleet.core.events import Bus


def test_every_listener_hears_in_order_until_it_stops_listening() -> None:
    bus: Bus[int] = Bus()
    heard: list[str] = []
    stop = bus.listen(lambda number: heard.append(f"a{number}"))
    bus.listen(lambda number: heard.append(f"b{number}"))
    bus.tell(1)
    stop()
    bus.tell(2)
    assert heard == ["a1", "b1", "b2"]


def test_a_failing_listener_is_logged_and_the_next_still_hears(caplog: pytest.LogCaptureFixture) -> None:
    bus: Bus[int] = Bus()
    heard: list[int] = []

    def broken(number: int) -> None:
        raise ValueError("no")

    bus.listen(broken)
    bus.listen(heard.append)
    bus.tell(7)
    assert heard == [7]
    assert "a listener failed" in caplog.text
