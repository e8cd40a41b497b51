"""Tools as clients see them, and one run from outside a turn."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.core.messages import ToolSpec
from clawfleet.tools import table
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.seat import Seat
from tests.unit.rpc.house import House, open_house


class Echo:
    """Says what it is given; refuses `no`, fails at `bad`."""

    spec = ToolSpec("view_image", "Says it back.", {"type": "object"})

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        if arguments.get("say") == "no":
            raise ToolError("I will not")
        return ToolResult(f"{context.agent_id}: {arguments.get('say')}", is_error=arguments.get("say") == "bad")


def echo(seat: Seat) -> Echo:
    return Echo()


async def test_the_catalog_has_every_tool_in_its_group(house: House) -> None:
    catalog = await house.call("tools.catalog", agentId="main")
    assert [row["id"] for row in catalog["profiles"]] == ["minimal", "coding", "messaging", "full"]
    runtime = next(row for row in catalog["groups"] if row["id"] == "runtime")
    assert (runtime["id"], runtime["label"], runtime["source"]) == ("runtime", "Runtime", "core")
    tool = next(row for row in runtime["tools"] if row["id"] == "exec")
    assert (tool["id"], tool["defaultProfiles"], tool["source"]) == ("exec", ["coding"], "core")
    assert tool["description"]


async def test_groups_come_in_the_order_in_which_they_are_shown(house: House) -> None:
    """Each tool with the first sentence of what it does."""
    catalog = await house.call("tools.catalog")
    ids = [row["id"] for row in catalog["groups"]]
    assert ids[:2] == ["fs", "runtime"]
    assert [tool["id"] for tool in catalog["groups"][0]["tools"]] == ["apply_patch", "edit", "ls", "read", "write"]
    assert all(". " not in tool["description"] for row in catalog["groups"] for tool in row["tools"])


async def test_rules_by_provider_count_in_what_a_session_has(tmp_path: Path) -> None:
    async with open_house(tmp_path, {"tools": {"byProvider": {"demo": {"deny": ["exec"]}}}}) as house:
        mine = await house.call("tools.effective", sessionKey="main")
    assert "exec" not in [tool["id"] for group in mine["groups"] for tool in group["tools"]]


async def test_a_session_has_what_policy_leaves_it(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"main": {"default": True}, "ops": {"tools": {"profile": "minimal"}}}}}
    async with open_house(tmp_path, config) as house:
        mine = await house.call("tools.effective", sessionKey="main")
        theirs = await house.call("tools.effective", sessionKey="agent:ops:main")
    assert (mine["agentId"], mine["profile"]) == ("main", "full")
    (core,) = mine["groups"]
    assert (core["id"], core["label"]) == ("core", "Built-in tools")
    assert {"id": "exec", "label": "Exec"}.items() <= next(t for t in core["tools"] if t["id"] == "exec").items()
    assert (theirs["agentId"], theirs["profile"]) == ("ops", "minimal")
    assert "exec" not in [tool["id"] for group in theirs["groups"] for tool in group["tools"]]


async def test_a_tool_that_is_not_there_or_not_for_outside_is_not_available(house: House) -> None:
    for name in ("nope", "exec", "bash"):
        assert await house.call("tools.invoke", name=name, args={"command": "id"}) == {
            "ok": False,
            "toolName": name,
            "error": {"code": "not_found", "message": f"Tool not available: {name}"},
        }


async def test_a_tool_runs_in_the_name_of_its_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "TOOLS", {"view_image": f"{__name__}:echo"})
    done = await house.call("tools.invoke", name="view_image", args={"say": "hi"}, sessionKey="main")
    assert (done["ok"], done["toolName"], done["source"]) == (True, "view_image", "core")
    assert done["output"]["content"] == [{"type": "text", "text": "main: hi"}]
    for said, words in (("no", "I will not"), ("bad", "main: bad")):
        failed = await house.call("tools.invoke", name="view_image", args={"say": said})
        assert (failed["ok"], failed["error"]["message"]) == (False, words)
