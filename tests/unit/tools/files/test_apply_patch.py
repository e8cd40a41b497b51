"""apply_patch: several files, all or none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from clawfleet.config.models.root import Config
from clawfleet.core.errors import ToolError
from clawfleet.tools.base import ToolResult
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.files.apply_patch import PatchTool, for_seat
from clawfleet.tools.files.host import HostFloor
from clawfleet.tools.seat import Seat
from tests.unit.tools.files.conftest import Desk


async def apply(desk: Desk, *lines: str, tool: PatchTool | None = None) -> ToolResult:
    text = "\n".join(["*** Begin Patch", *lines, "*** End Patch"])
    return await desk.call(tool or PatchTool(desk.access, confined=True), {"input": text})


async def test_every_kind_of_step(desk: Desk) -> None:
    """One line a file: added first, then modified, then deleted."""
    for name in ("a.txt", "move.txt", "gone.txt"):
        desk.put(name, f"{name}\n")
    result = await apply(
        desk,
        "*** Delete File: gone.txt",
        "*** Update File: a.txt",
        "@@",
        "-a.txt",
        "+A",
        "*** Update File: move.txt",
        "*** Move to: to/moved.txt",
        "*** Add File: b.txt",
        "+b",
    )
    assert result.text == ("Success. Updated the following files:\nA b.txt\nM a.txt\nM to/moved.txt\nD gone.txt")
    assert result.details == {
        "summary": {"added": ["b.txt"], "modified": ["a.txt", "to/moved.txt"], "deleted": ["gone.txt"]}
    }
    assert desk.tree() == {"a.txt": "A\n", "b.txt": "b\n", "to/moved.txt": "move.txt\n"}


async def test_later_steps_see_earlier_ones(desk: Desk) -> None:
    """Delete, then add under the same name; update what was just added."""
    desk.put("f", "old\n")
    await apply(
        desk, "*** Delete File: f", "*** Add File: f", "+new", "*** Add File: g", "+1", "*** Update File: g", "-1", "+2"
    )
    assert desk.tree() == {"f": "new\n", "g": "2\n"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["*** Update File: f", "-nowhere"], "Failed to find these lines in f"),
        (["*** Update File: none", "-x"], "File not found: none"),
        (["*** Delete File: none"], "File not found: none"),
        (["*** Add File: f", "+x"], "File already exists: f"),
        (["*** Update File: f", "*** Move to: g"], "File already exists: g"),
        (["*** Delete File: directory"], "directory is a directory"),
        (["*** Add File: ../out", "+x"], "Path escapes the workspace: ../out"),
        (["*** Add File: link/out", "+x"], "Path escapes the workspace: link/out"),
        (["*** Delete File: /etc/hostname"], "Path escapes the workspace: /etc/hostname"),
        (["nonsense"], "Invalid patch, line 5"),
    ],
)
async def test_a_fault_anywhere_changes_nothing(desk: Desk, lines: list[str], message: str) -> None:
    """The good step before it is not done either."""
    desk.put("f", "old\n")
    desk.put("g", "other\n")
    (desk.workspace / "directory").mkdir()
    (desk.workspace / "link").symlink_to("..")
    with pytest.raises(ToolError, match=message):
        await apply(desk, "*** Add File: good", "+x", *(lines if lines != ["nonsense"] else ["", "nonsense"]))
    assert desk.tree() == {"f": "old\n", "g": "other\n"}
    assert [path.name for path in desk.workspace.parent.iterdir()] == ["workspace"]


def seat(desk: Desk, **settings: object) -> Seat:
    config = Config.model_validate({"tools": {"exec": {"applyPatch": settings}}})
    files = FileAccess(HostFloor(None), confined=False)
    return cast(Seat, SimpleNamespace(config=config, files=files, model="openai/gpt-9"))


async def test_patches_stay_in_the_workspace_by_default(desk: Desk) -> None:
    """tools.exec.applyPatch.workspaceOnly lets them out."""
    lines = ("*** Add File: ../out", "+x")
    with pytest.raises(ToolDenied):
        await apply(desk, *lines, tool=for_seat(seat(desk)))
    await apply(desk, *lines, tool=for_seat(seat(desk, workspaceOnly=False)))
    assert (desk.workspace.parent / "out").read_text() == "x\n"


def test_it_can_be_switched_off(desk: Desk) -> None:
    assert for_seat(seat(desk, enabled=False)) is None


@pytest.mark.parametrize(
    ("models", "offered"),
    [([], True), (["gpt-9"], True), (["OpenAI/GPT-9"], True), (["gpt-8"], False), (["lan/gpt-9"], False)],
)
def test_it_can_be_for_some_models_only(desk: Desk, models: list[str], offered: bool) -> None:
    """By id or by ref."""
    assert (for_seat(seat(desk, allowModels=models)) is not None) == offered
