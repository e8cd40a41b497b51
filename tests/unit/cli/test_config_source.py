"""`openclaw config`: the file before anything is made of it."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import Home, OpenClaw


def test_a_file_that_is_not_text(openclaw: OpenClaw, home: Home) -> None:
    """Said as plainly."""
    home.config_path.write_bytes(b"\xff")
    assert "not UTF-8" in openclaw("config", "get", "a").stderr


def test_too_many_words(openclaw: OpenClaw) -> None:
    """OpenClaw's words, exit code 1."""
    done = openclaw("config", "set", "gateway.port", "1", "2")
    assert done.exit_code == 1
    assert "Too many arguments for this command." in done.stderr


def test_a_mistyped_flag(openclaw: OpenClaw, home: Home) -> None:
    """Is no value and no word too many."""
    done = openclaw("config", "set", "gateway.port", "1", "--jsn")
    assert done.exit_code == 2
    assert "No such option" in done.stderr
    assert not home.config_path.exists()


@pytest.mark.parametrize(
    "line",
    [("validate",), ("get", "gateway.port"), ("set", "gateway.mode", "local"), ("unset", "gateway.bind")],
)
def test_a_directory_in_the_place_of_the_file_is_told(openclaw: OpenClaw, home: Home, line: tuple[str, ...]) -> None:
    home.config_path.mkdir()
    done = openclaw("config", *line)
    assert done.exit_code == 1
    assert f"cannot read {home.config_path}: Is a directory" in done.stderr
    assert "OPENCLAW_CONFIG_PATH" in done.stderr
