"""A tool of an MCP server, as any other tool."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from clawfleet.tools.mcp.connection import Connection, Offer
from clawfleet.tools.mcp.tool import MOST_DESCRIPTION, McpTool
from tests.support.desk import CONTEXT


class FakeConnection:
    name = "docs"

    def redact(self, text: str) -> str:
        return text

    async def call(self, tool: str, arguments: Any) -> Any:
        block = SimpleNamespace(type="text", text=f"{tool} {arguments}")
        return SimpleNamespace(content=[block], is_error=False, structured_content=None)


async def test_a_call_goes_to_its_server_by_its_own_name() -> None:
    """What models are told is bounded, and a schema without properties is one with none."""
    offer = Offer("Search It", "d" * 9000, {"type": "object"}, only_looks=True)
    tool = McpTool(cast(Connection, FakeConnection()), offer, "docs__Search-It")
    assert (tool.spec.name, len(tool.spec.description), tool.spec.only_looks) == (
        "docs__Search-It",
        MOST_DESCRIPTION,
        True,
    )
    assert tool.spec.parameters == {"type": "object", "properties": {}}
    assert (await tool.run(CONTEXT, {"a": 1})).text == "Search It {'a': 1}"
