from __future__ import annotations

import pytest

from clawfleet.cli.tables import table_lines, terminal_lines


def test_short_rows_stay_as_they_are() -> None:
    assert list(table_lines(("A", "Bee"), [("1", "2"), ("three", "")])) == ["A      Bee", "1      2", "three"]


def test_the_widest_column_gives_way() -> None:
    lines = list(table_lines(("ID", "Text"), [("x" * 8, "word " * 40)]))
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("xxxxxxxx  word")
    assert lines[1].endswith("…")


def test_a_strangers_text_stays_in_its_row() -> None:
    assert list(table_lines(("A",), [("a\nb\x1b[2J",)]))[1] == "a b\\u001b[2J"


def test_only_people_get_cut_names(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("n" * 100, "x")]
    assert list(terminal_lines(("Name", "Kind"), rows))[1] == f"{'n' * 100}  x"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    assert all(len(line) <= 40 for line in terminal_lines(("Name", "Kind"), rows))
