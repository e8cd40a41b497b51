"""Tools as clients see them, and one run from outside a turn."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from clawfleet.core.errors import ToolError
from clawfleet.core.messages import ToolSpec
from clawfleet.tools import registry
from clawfleet.tools.base import ToolContext, ToolResult
from tests.unit.rpc.house import House, open_house


class Echo:
    """Says what it is given; refuses `no`, fails at `bad`."""

    spec = ToolSpec("view_image", "Says it back.", {"type": "object"})

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        if arguments.get("say") == "no":
            raise ToolError("I will not")
        return ToolResult(f"{context.agent_id}: {arguments.get('say')}", is_error=arguments.get("say") == "bad")


async def test_the_catalog_has_every_tool_in_its_group(house: House) -> None:
    catalog = await house.call("tools.catalog", agentId="main")
    assert [row["id"] for row in catalog["profiles"]] == ["minimal", "coding", "messaging", "full"]
    (runtime,) = catalog["groups"]
    assert (runtime["id"], runtime["label"], runtime["source"]) == ("runtime", "Runtime", "core")
    (tool,) = runtime["tools"]
    assert (tool["id"], tool["defaultProfiles"], tool["source"]) == ("exec", ["coding"], "core")
    assert tool["description"]


async def test_a_session_has_what_policy_leaves_it(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"main": {"default": True}, "ops": {"tools": {"profile": "minimal"}}}}}
    async with open_house(tmp_path, config) as house:
        mine = await house.call("tools.effective", sessionKey="main")
        theirs = await house.call("tools.effective", sessionKey="agent:ops:main")
    assert (mine["agentId"], mine["profile"]) == ("main", "full")
    (core,) = mine["groups"]
    assert (core["id"], core["label"], [tool["id"] for tool in core["tools"]]) == ("core", "Built-in tools", ["exec"])
    assert core["tools"][0]["label"] == "Exec"
    assert theirs == {"agentId": "ops", "profile": "minimal", "groups": []}


async def test_a_tool_that_is_not_there_or_not_for_outside_is_not_available(house: House) -> None:
    for name in ("nope", "exec", "bash"):
        assert await house.call("tools.invoke", name=name, args={"command": "id"}) == {
            "ok": False,
            "toolName": name,
            "error": {"code": "not_found", "message": f"Tool not available: {name}"},
        }


async def test_a_tool_runs_in_the_name_of_its_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "TOOLS", {"view_image": lambda seat: Echo()})
    done = await house.call("tools.invoke", name="view_image", args={"say": "hi"}, sessionKey="main")
    assert (done["ok"], done["toolName"], done["source"]) == (True, "view_image", "core")
    assert done["output"]["content"] == [{"type": "text", "text": "main: hi"}]
    for said, words in (("no", "I will not"), ("bad", "main: bad")):
        failed = await house.call("tools.invoke", name="view_image", args={"say": said})
        assert (failed["ok"], failed["error"]["message"]) == (False, words)
