"""Which variables of `.env` have changed."""

from __future__ import annotations

from pathlib import Path

from clawfleet.config.env_digest import changed, digests


def test_changed_new_and_gone_variables_are_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SAME=1\nOTHER=2\nGONE=3\n")
    then = digests(tmp_path, b"key")
    (tmp_path / ".env").write_text("# comment\nSAME=1\nOTHER=two\nNEW=4\n")
    assert changed(digests(tmp_path, b"key"), then) == ("GONE", "NEW", "OTHER")


def test_nothing_of_a_value_can_be_seen(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=hunter2\nB=hunter2\n")
    one, other = digests(tmp_path, b"key"), digests(tmp_path, b"another key")
    assert "hunter2" not in str(one)
    assert one["A"] != one["B"]
    assert one["A"] != other["A"]


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert digests(tmp_path, b"key") == {}
