"""What was fetched a moment ago."""

from __future__ import annotations

from clawfleet.tools.web.cache import MOST_CHARS, MOST_ENTRIES, Cache


class Clock:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_ends_with_its_time() -> None:
    clock = Clock()
    cache = Cache(clock)
    cache.put("a", {"text": "x"}, 60)
    clock.now = 59.0
    assert cache.get("a") == {"text": "x"}
    clock.now = 60.0
    assert cache.get("a") is None


def test_no_time_keeps_nothing() -> None:
    cache = Cache()
    cache.put("a", {"text": "x"}, 0)
    assert cache.get("a") is None


def test_the_oldest_goes_first() -> None:
    """Too many, or too much."""
    cache = Cache()
    for number in range(MOST_ENTRIES + 1):
        cache.put(number, {"text": "x"}, 60)
    assert cache.get(0) is None
    assert cache.get(1) is not None
    cache.put("large", {"text": "x" * (MOST_CHARS - 20)}, 60)
    assert cache.get(MOST_ENTRIES) is None
    assert cache.get("large") is not None
    cache.put("too large", {"text": "x" * MOST_CHARS}, 60)
    assert cache.get("too large") is None


def test_the_newest_of_a_key_counts() -> None:
    cache = Cache()
    cache.put("a", {"text": "old"}, 60)
    cache.put("a", {"text": "new"}, 60)
    assert cache.get("a") == {"text": "new"}
