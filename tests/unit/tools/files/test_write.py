"""write: a whole file, made or replaced."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.files import apply_patch, edit, write
from clawfleet.tools.files.write import WriteTool
from clawfleet.tools.seat import Seat
from tests.unit.tools.files.conftest import Desk


async def test_a_file_is_made_with_its_directories_then_replaced(desk: Desk) -> None:
    """Bytes are counted, not characters; clients see what changed."""
    made = await desk.call(WriteTool(desk.access), {"path": "a/b.txt", "content": "größe\n"})
    assert made.text == "Successfully wrote 8 bytes to a/b.txt"
    assert (made.details["created"], made.details["diff"]) == (True, "+1 größe")
    replaced = await desk.call(WriteTool(desk.access), {"file_path": "a/b.txt", "content": "new\n"})
    assert replaced.details == {
        "changed": True,
        "created": False,
        "firstChangedLine": 1,
        "diff": "-1 größe\n+1 new",
        "patch": "--- a/b.txt\n+++ a/b.txt\n@@ -1 +1 @@\n-größe\n+new\n",
    }
    assert desk.tree() == {"a/b.txt": "new\n"}


async def test_nothing_is_written_outside(desk: Desk) -> None:
    (desk.workspace / "out").symlink_to("..")
    for path in ("../x", "out/x", "/tmp/clawfleet-x"):
        with pytest.raises(ToolDenied):
            await desk.call(WriteTool(desk.access), {"path": path, "content": "x"})
    assert [path.name for path in desk.workspace.parent.iterdir()] == ["workspace"]


@dataclass
class _Locked:
    writable: bool


@pytest.mark.parametrize("writable", [True, False])
def test_tools_that_write_are_not_offered_where_nothing_can_be_written(writable: bool) -> None:
    """A sandbox that only sees the workspace."""
    from clawfleet.config.models.root import Config

    seat = cast(Seat, SimpleNamespace(files=cast(Any, _Locked(writable)), config=Config(), model=None))
    for module in (write, edit, apply_patch):
        assert (module.for_seat(seat) is not None) == writable
