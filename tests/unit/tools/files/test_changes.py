"""What a change looks like: numbered lines and a patch that `patch` would take."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from clawfleet.tools.files import changes
from clawfleet.tools.files.changes import details_of


def test_a_change_in_the_middle() -> None:
    """Four lines around it; the number of the first changed line."""
    before = "".join(f"line {number}\n" for number in range(1, 21))
    details = details_of("f", before, before.replace("line 10\n", "ten\n"), created=False)
    assert details["firstChangedLine"] == 10
    assert str(details["diff"]).splitlines() == [
        *(f" {number:>2} line {number}" for number in range(6, 10)),
        "-10 line 10",
        "+10 ten",
        *(f" {number} line {number}" for number in range(11, 15)),
    ]
    assert str(details["patch"]).startswith("--- f\n+++ f\n@@ -6,9 +6,9 @@\n line 6\n")


def test_nothing_changed() -> None:
    assert details_of("f", "same", "same", created=False) == {"changed": False, "created": False}


def test_a_new_file_comes_from_nowhere() -> None:
    assert details_of("f", "", "a\n", created=True)["patch"] == "--- /dev/null\n+++ f\n@@ -0,0 +1 @@\n+a\n"


def test_huge_changes_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither compared nor sent to every client."""
    many = "".join(f"{number}\n" for number in range(changes.MOST_LINES + 1))
    assert details_of("f", "", many, created=True) == {"changed": True, "created": True}
    long = details_of("f", "", "x" * (changes.MOST_CHARS + 1), created=True)
    assert long == {"changed": True, "created": True, "firstChangedLine": 1}


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\n", "a\nb\n"),
        ("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n", "A\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nL\n"),
        ("a\nb\n", "b\n"),
    ],
)
def test_the_patch_is_one(tmp_path: Path, before: str, after: str) -> None:
    """The program `patch` makes the same of the old file."""
    (tmp_path / "f").write_text(before)
    text = str(details_of("f", before, after, created=False)["patch"])
    subprocess.run(["patch", "-s", "f"], input=text, text=True, cwd=tmp_path, check=True)
    assert (tmp_path / "f").read_text() == after
