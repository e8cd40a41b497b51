"""Typed calls to a file system: what a refusal reads like, and that it is logged."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Literal

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.sandbox.floor import Ground
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.files import access
from clawfleet.tools.files.access import Change, Entry, FileAccess, FileChanged, FileMissing, Written
from clawfleet.tools.files.host import HostFloor
from tests.unit.tools.files.conftest import Desk


class RefusingFloor:
    """A file system that refuses everything, as told."""

    writable = False

    def __init__(self, host: Literal["gateway", "sandbox"], kind: str, detail: str = "") -> None:
        self.host: Literal["gateway", "sandbox"] = host
        self.kind, self.detail = kind, detail

    async def ground(self, workspace: Path, *, confined: bool) -> Ground:
        return Ground("/workspace", (("/workspace", True),))

    async def carry(self, workspace: Path, order: str) -> str:
        return json.dumps({"refused": self.kind, "path": "/workspace/a", "detail": self.detail})


@pytest.mark.parametrize(
    ("host", "kind", "error", "text"),
    [
        ("sandbox", "outside", ToolDenied, "Sandbox path is container-only: a. Use exec to access this mount; "),
        ("gateway", "outside", ToolDenied, "Path escapes the workspace: a"),
        ("sandbox", "read-only", ToolError, "a is in a read-only directory of the sandbox"),
        ("gateway", "missing", FileMissing, "File not found: a"),
        ("gateway", "changed", FileChanged, "Read it again"),
        ("gateway", "directory", ToolError, "a is a directory, not a file"),
        ("gateway", "large", ToolError, "more than 7 bytes"),
        ("gateway", "system", ToolError, "a: 7"),
    ],
)
async def test_refusals_name_the_path_as_the_model_did(
    desk: Desk, host: Literal["gateway", "sandbox"], kind: str, error: type[ToolError], text: str
) -> None:
    files = FileAccess(RefusingFloor(host, kind, "7"), confined=False).of(desk.context)
    with pytest.raises(error, match=text.replace("(", "\\(")):
        await files.fetch("a")
    with pytest.raises(error):
        await files.commit([Change("a", b"x")])


@pytest.mark.parametrize("kind", ["outside", "read-only"])
async def test_attempts_to_get_out_are_logged(desk: Desk, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    """With the path that was meant and whose session it was."""
    files = FileAccess(RefusingFloor("sandbox", kind), confined=False).of(desk.context)
    with caplog.at_level(logging.WARNING), pytest.raises(ToolError):
        await files.fetch("a")
    assert f"refused to touch /workspace/a for agent:main:main: {kind}" in caplog.text


async def test_a_missing_file_is_not_worth_a_line(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(FileMissing):
        await desk.access.of(desk.context).fetch("none")
    assert caplog.text == ""


async def test_files_are_read_written_and_listed(desk: Desk) -> None:
    """The typed calls are the orders."""
    files = desk.access.of(desk.context)
    assert await files.commit([Change("d/f", b"one\ntwo\n", new=True)]) == [Written(created=True, before=None)]
    assert await files.commit([Change("d/f", b"1\n2\n")]) == [Written(created=False, before=b"one\ntwo\n")]
    assert await files.commit([Change("d/f", b"3\n", over=b"1\n2\n")]) == [Written(created=False, before=None)]
    with pytest.raises(FileChanged):
        await files.commit([Change("d/f", b"4\n", over=b"1\n2\n")])
    glimpse = await files.look("d/f", first=0, count=1, keep=10)
    assert (glimpse.data, glimpse.head, glimpse.size, glimpse.total) == (b"3\n", b"3\n", 2, 1)
    assert await files.listing(".", limit=5, after=None) == ([Entry("d", is_directory=True)], False)


async def test_one_tool_may_be_kept_in_where_others_are_not(desk: Desk) -> None:
    """apply_patch has a limit of its own."""
    loose = FileAccess(HostFloor(None), confined=False)
    (desk.workspace.parent / "beside").write_text("x")
    assert await loose.of(desk.context).fetch("../beside") == b"x"
    with pytest.raises(ToolDenied):
        await loose.of(desk.context, confined=True).fetch("../beside")


async def test_what_is_too_large_is_not_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST_BYTES", 3)
    with pytest.raises(ToolError, match="a would have 4 bytes"):
        await desk.access.of(desk.context).commit([Change("a", b"1234")])
