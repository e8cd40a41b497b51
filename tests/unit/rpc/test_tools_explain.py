"""`tools.explain` as clients see it."""

from __future__ import annotations

from pathlib import Path

from clawfleet.tools.table import names
from tests.unit.rpc.house import open_house

CONFIG = {
    "agents": {"entries": {"main": {"default": True}}},
    "tools": {"profile": "full", "allow": ["group:runtime"]},
}


async def test_each_tool_has_its_reason(tmp_path: Path) -> None:
    async with open_house(tmp_path, CONFIG) as house:
        found = await house.call("tools.explain", sessionKey="main")
        one = await house.call("tools.explain", sessionKey="main", tool="exec")
    assert (found["agentId"], found["sessionKey"], found["narrowedBy"]) == ("main", "agent:main:main", ["tools.allow"])
    assert "exec" in found["allowed"]
    fetch = next(row for row in found["tools"] if row["name"] == "web_fetch")
    assert fetch["removedBy"] == {"layer": "global", "key": "tools.allow", "rule": "not-in-allow"}
    assert fetch["fix"] == "openclaw config unset tools.allow"
    assert [row["name"] for row in one["tools"]] == ["exec"]
    assert found["layers"][1]["before"] == found["total"] and found["layers"][1]["after"] == len(found["allowed"])


async def test_what_cannot_work_here_has_a_reason_and_no_row(tmp_path: Path) -> None:
    """It counts among all tools, so that the total is that of `openclaw tools explain` without a gateway."""
    async with open_house(tmp_path, {}) as house:
        found = await house.call("tools.explain")
    unfit = {row["name"]: row["why"] for row in found["unavailable"]}
    assert unfit["web_search"].startswith("no key for a search")
    assert not unfit.keys() & {*found["allowed"], *(row["name"] for row in found["tools"])}
    assert found["total"] == len(names()) == len(found["tools"]) + len(unfit)


async def test_the_model_of_the_session_counts(tmp_path: Path) -> None:
    """Rules by provider follow the model that would really answer."""
    tools = {"byProvider": {"demo": {"deny": ["exec"]}}}
    async with open_house(tmp_path, {"tools": tools}) as house:
        found = await house.call("tools.explain", sessionKey="main", model="demo/echo")
    assert found["model"] == "demo/echo" and "exec" not in found["allowed"]
