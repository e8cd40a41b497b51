"""File tools on a real directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.tools.base import Tool, ToolContext, ToolResult
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.files.host import HostFloor


class Desk:
    """One workspace, and calls of tools in it."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.access = FileAccess(HostFloor(None), confined=True)
        self.context = ToolContext("run", "agent:main:main", "main", workspace, "call", lambda text: None)

    async def call(self, tool: Tool, arguments: Mapping[str, object]) -> ToolResult:
        return await tool.run(self.context, arguments)

    def put(self, name: str, content: str | bytes) -> Path:
        """A file of the workspace."""
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def tree(self) -> dict[str, str]:
        """Every file of the workspace, with its text."""
        found = sorted(path for path in self.workspace.rglob("*") if path.is_file())
        return {str(path.relative_to(self.workspace)): path.read_bytes().decode() for path in found}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Desk(workspace)
