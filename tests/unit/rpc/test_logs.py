"""`logs.tail`: the end of the log, then what came since; lines stay whole."""

from pathlib import Path

import pytest

from tests.unit.rpc.house import House


@pytest.fixture
def log(house: House) -> Path:
    return house.gateway.vitals.log_file


def write(log: Path, text: str, mode: str = "w") -> None:
    with log.open(mode, encoding="utf-8") as file:
        file.write(text)


def size_of(log: Path) -> int:
    return log.stat().st_size


async def test_a_log_that_is_not_there_yet_is_empty(house: House, log: Path) -> None:
    assert await house.call("logs.tail") == {
        "file": str(log),
        "cursor": 0,
        "size": 0,
        "lines": [],
        "truncated": False,
        "reset": False,
    }


async def test_first_the_end_then_what_came_since(house: House, log: Path) -> None:
    write(log, "one\ntwo\nthree\n")
    first = await house.call("logs.tail", limit=2)
    assert (first["lines"], first["truncated"], first["cursor"]) == (["two", "three"], True, size_of(log))
    assert (await house.call("logs.tail", cursor=first["cursor"]))["lines"] == []
    write(log, "four\nfive\n", mode="a")
    more = await house.call("logs.tail", cursor=first["cursor"])
    assert (more["lines"], more["truncated"], more["reset"]) == (["four", "five"], False, False)


async def test_a_line_that_is_still_written_comes_whole_next_time(house: House, log: Path) -> None:
    write(log, "done\nhalf a li")
    first = await house.call("logs.tail")
    assert first["lines"] == ["done"]
    write(log, "ne\n", mode="a")
    assert (await house.call("logs.tail", cursor=first["cursor"]))["lines"] == ["half a line"]


async def test_the_end_within_some_bytes_begins_with_a_whole_line(house: House, log: Path) -> None:
    write(log, "äöü äöü äöü\nsecond\nthird\n")
    tail = await house.call("logs.tail", maxBytes=16)
    assert (tail["lines"], tail["truncated"]) == (["second", "third"], True)


async def test_a_line_holds_every_character_that_a_line_may_hold(house: House, log: Path) -> None:
    """Only a newline ends a line: JSON logs carry U+2028 and form feeds as they are."""
    line = '{"message":"a\u2028b\u0085c\x0cd"}'
    write(log, f"{line}\n")
    assert (await house.call("logs.tail"))["lines"] == [line]


async def test_a_line_longer_than_what_is_asked_for_does_not_stop_the_reader(house: House, log: Path) -> None:
    write(log, "x" * 50 + "\nafter\n")
    cursor, seen = 0, []
    for _ in range(10):
        page = await house.call("logs.tail", cursor=cursor, maxBytes=16)
        seen += page["lines"]
        cursor = page["cursor"]
    assert "".join(seen).endswith("xafter")
    assert cursor == size_of(log)


async def test_no_more_lines_come_than_were_asked_for_and_none_is_lost(house: House, log: Path) -> None:
    write(log, "".join(f"line {number}\n" for number in range(5)))
    first = await house.call("logs.tail", cursor=0, limit=2)
    second = await house.call("logs.tail", cursor=first["cursor"], limit=10)
    assert (first["lines"], first["truncated"]) == (["line 0", "line 1"], True)
    assert second["lines"] == ["line 2", "line 3", "line 4"]


async def test_a_log_that_was_rotated_starts_again_and_says_so(house: House, log: Path) -> None:
    write(log, "fresh\n")
    page = await house.call("logs.tail", cursor=10_000)
    assert (page["lines"], page["reset"]) == (["fresh"], True)


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 5001}, {"maxBytes": 1_000_001}, {"cursor": -1}])
async def test_bounds_are_kept(house: House, params: dict[str, int]) -> None:
    assert "invalid logs.tail params: at /" in (await house.refused("logs.tail", params))["message"]
