"""Reading the end of a log that somebody else writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.host.logfile import current, newest, read_tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "x.log"
    file.write_text("one\ntwo\nthree\n")
    return file


def test_the_last_lines_come_first(log: Path) -> None:
    tail = read_tail(log, limit=2)
    assert tail.lines == ("two", "three")
    assert tail.truncated
    assert tail.cursor == tail.size == 14


def test_a_line_that_is_still_being_written_comes_next_time(log: Path) -> None:
    with log.open("a") as file:
        file.write("fou")
    tail = read_tail(log)
    assert tail.lines == ("one", "two", "three")
    with log.open("a") as file:
        file.write("r\n")
    assert read_tail(log, cursor=tail.cursor).lines == ("four",)


def test_nothing_new_is_nothing(log: Path) -> None:
    tail = read_tail(log, cursor=read_tail(log).cursor)
    assert tail.lines == ()
    assert not tail.reset


def test_a_replaced_file_is_read_anew(log: Path) -> None:
    cursor = read_tail(log).cursor
    log.write_text("new\n")
    tail = read_tail(log, cursor=cursor)
    assert tail.lines == ("new",)
    assert tail.reset


def test_of_a_big_file_only_the_end_is_read_and_no_half_line_shown(log: Path) -> None:
    tail = read_tail(log, max_bytes=8)
    assert tail.lines == ("three",)
    assert tail.truncated


def test_what_came_meanwhile_is_read_in_steps_without_a_gap(log: Path) -> None:
    first = read_tail(log, cursor=0, max_bytes=9)
    assert first.lines == ("one", "two")
    assert read_tail(log, cursor=first.cursor, max_bytes=9).lines == ("three",)


def test_no_more_lines_come_than_were_asked_for_and_none_is_lost(log: Path) -> None:
    first = read_tail(log, cursor=0, limit=2)
    assert (first.lines, first.truncated) == (("one", "two"), True)
    assert read_tail(log, cursor=first.cursor).lines == ("three",)


def test_a_line_longer_than_a_step_comes_in_pieces_and_stops_nobody(log: Path) -> None:
    log.write_text("x" * 20 + "\nafter\n")
    cursor, seen = 0, ""
    while (tail := read_tail(log, cursor=cursor, max_bytes=8)).lines:
        cursor, seen = tail.cursor, seen + "".join(tail.lines)
    assert seen == "x" * 20 + "after"


def test_a_line_holds_every_character_that_a_line_may_hold(log: Path) -> None:
    line = '{"message":"a\u2028b\u0085c\x0cd"}'
    log.write_text(f"{line}\n", encoding="utf-8")
    assert read_tail(log).lines == (line,)


def test_bytes_that_are_no_text_do_not_stop_the_reader(log: Path) -> None:
    log.write_bytes(b"\xff\xfe\n")
    assert read_tail(log).lines == ("\ufffd\ufffd",)


def test_of_dated_files_the_youngest_day_is_taken(tmp_path: Path) -> None:
    pattern = tmp_path / "openclaw-YYYY-MM-DD.log"
    assert newest(pattern) is None
    for day in ("2026-11-20", "2026-11-21", "2026-01-30"):
        (tmp_path / f"openclaw-{day}.log").touch()
    (tmp_path / "openclaw-ops-2026-12-31.log").touch()
    assert newest(pattern) == tmp_path / "openclaw-2026-11-21.log"


def test_a_plain_name_is_its_own_newest(log: Path) -> None:
    assert newest(log) == log
    assert newest(log.with_name("y.log")) is None


def test_the_file_of_another_day_is_the_current_one(tmp_path: Path) -> None:
    old, new = tmp_path / "gw-2026-11-28.log", tmp_path / "gw-2026-11-29.log"
    assert current(old) == old
    old.touch()
    new.touch()
    (tmp_path / "gw-2026-11-30.log.1").touch()
    assert (current(old), current(tmp_path / "plain.log")) == (new, tmp_path / "plain.log")
