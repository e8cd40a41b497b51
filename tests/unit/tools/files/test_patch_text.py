"""The patch format: what it says, and which line is wrong."""

from __future__ import annotations

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.tools.files.patch_text import Added, Deleted, Hunk, Updated, read_patch


def patch(*lines: str) -> str:
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch"])


def test_every_kind_of_step() -> None:
    """In the order they stand."""
    steps = read_patch(
        patch(
            "*** Add File: new.txt",
            "+one",
            "+",
            "*** Update File: a.py",
            "*** Move to: b.py",
            "@@ def f():",
            "     x = 1",
            "-    y = 2",
            "+    y = 3",
            "",
            "@@",
            "-last",
            "*** End of File",
            "*** Delete File: old.txt",
        )
    )
    assert steps == [
        Added("new.txt", "one\n\n"),
        Updated(
            "a.py",
            "b.py",
            (
                Hunk("def f():", ("    x = 1", "    y = 2", ""), ("    x = 1", "    y = 3", "")),
                Hunk(None, ("last",), (), at_end=True),
            ),
        ),
        Deleted("old.txt"),
    ]


def test_the_first_hunk_needs_no_mark() -> None:
    assert read_patch(patch("*** Update File: a", "-x", "+y")) == [Updated("a", None, (Hunk(None, ("x",), ("y",)),))]


def test_a_move_alone_is_an_update() -> None:
    assert read_patch(patch("*** Update File: a", "*** Move to: b")) == [Updated("a", "b", ())]


@pytest.mark.parametrize("around", ["{}", "\n{}\n", "<<'EOF'\n{}\nEOF", "<<EOF\n{}\nEOF"])
def test_what_stands_around_a_patch_is_taken_off(around: str) -> None:
    """Models also write it as for a shell."""
    assert read_patch(around.format(patch("*** Delete File: a"))) == [Deleted("a")]


def test_lines_may_end_as_on_windows() -> None:
    assert read_patch(patch("*** Add File: a", "+x").replace("\n", "\r\n")) == [Added("a", "x\n")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line must be"),
        ("--- a\n+++ b\n", "first line must be"),
        ("*** Begin Patch\n*** Delete File: a", "last line must be"),
        (patch(), "changes no files"),
        (patch("hello"), "line 2: expected"),
        (patch("*** Add File: a", "no plus"), "line 3: every line of an added file"),
        (patch("*** Add File: "), "no path behind"),
        (patch("*** Update File: a"), "line 2: the update of a has no lines"),
        (patch("*** Update File: a", "@@", "*** Delete File: b"), "line 3: the hunk has no lines"),
        (patch("*** Update File: a", "@@", "no sign"), "line 4: a line of a hunk begins with"),
        (patch("*** Update File: a", "-x", "*** End of File", "-y"), "line 5: a hunk begins with '@@'"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        read_patch(text)
