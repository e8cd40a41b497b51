"""Asking programs of the system."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.host.command import Done, Programs, ToolMissing, ToolSilent


def script(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_a_program_is_found_by_the_path_of_the_environment(tmp_path: Path) -> None:
    script(tmp_path, "asked", 'echo "$1 $COLOUR $LC_ALL"; echo oh >&2; exit 3')
    done = Programs({"PATH": f"{tmp_path}:/bin:/usr/bin", "COLOUR": "blue"}).run("asked", "a b")
    assert (done.code, done.out, done.err, done.ok, done.said) == (3, "a b blue C\n", "oh\n", False, "oh")


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="cannot run launchctl"):
        Programs({"PATH": str(tmp_path)}).run("launchctl", "print")


def test_a_program_that_hangs_is_left(tmp_path: Path) -> None:
    script(tmp_path, "hangs", "exec sleep 60")
    with pytest.raises(ToolSilent, match="`hangs now` did not end within"):
        Programs({"PATH": f"{tmp_path}:/bin:/usr/bin"}).run("hangs", "now", timeout_s=0.1)


def test_a_complaint_is_one_line_whatever_was_printed() -> None:
    assert Done(1, "", "\n  first \nsecond").said == "first"
    assert Done(1, "told", "").said == "told"
    assert Done(7, "", "").said == "exit 7"
