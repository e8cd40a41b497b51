"""Configs of the fake MCP server for tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def fake_server(**more: Any) -> dict[str, Any]:
    """The entry of `mcp.servers` that starts `tests.fakes.mcp_server` over stdio."""
    return {"command": sys.executable, "args": ["-m", "tests.fakes.mcp_server"], "cwd": str(ROOT), **more}
