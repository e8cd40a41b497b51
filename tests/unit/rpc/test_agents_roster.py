"""Agents made, changed and removed over the wire, in the config and in the running gateway."""

import asyncio
from pathlib import Path

import pytest

from clawfleet.config.agent_entries import entries_of
from tests.unit.rpc.house import House


async def test_an_agent_can_be_talked_to_when_it_was_made(house: House) -> None:
    made = await house.call("agents.create", name="Helper")
    workspace = house.gateway.instance.workspace.with_name("workspace-helper")
    assert made == {"ok": True, "agentId": "helper", "name": "Helper", "workspace": str(workspace)}
    listed = await house.call("agents.list")
    assert [agent["id"] for agent in listed["agents"]] == ["main", "helper"]
    assert listed["defaultId"] == "main"
    frames = await house.ask("agent", {"message": "hi", "agentId": "helper", "idempotencyKey": "k"})
    assert frames[-1]["payload"]["status"] == "ok"


async def test_the_model_is_told_when_it_was_given(house: House) -> None:
    assert (await house.call("agents.create", name="Helper", model="demo/echo"))["model"] == "demo/echo"


async def test_an_agent_is_changed(house: House) -> None:
    await house.call("agents.create", name="Helper", model="demo/echo")
    assert await house.call("agents.update", agentId="helper", name="Two", model=None) == {
        "ok": True,
        "agentId": "helper",
    }
    assert house.gateway.roster.get("helper").name == "Two"
    assert "model" not in entries_of(house.gateway.instance.config_path.read_text())["helper"]


async def test_an_agent_is_removed(house: House) -> None:
    made = await house.call("agents.create", name="Helper")
    gone = await house.call("agents.delete", agentId="helper", deleteFiles=True)
    assert gone == {
        "ok": True,
        "agentId": "helper",
        "removedBindings": 0,
        "removed": [{"path": made["workspace"], "method": "trash"}],
        "failed": [],
    }
    assert not await asyncio.to_thread(Path(made["workspace"]).exists)
    assert list(house.gateway.roster.agents) == ["main"]
    error = await house.refused("agent", {"message": "hi", "agentId": "helper", "idempotencyKey": "k"})
    assert "helper" in error["message"]


@pytest.mark.parametrize(
    ("method", "agent_id"), [("agents.update", "helper"), ("agents.delete", "helper"), ("agents.delete", "main")]
)
async def test_who_is_not_in_the_roster_is_not_found(house: House, method: str, agent_id: str) -> None:
    error = await house.refused(method, {"agentId": agent_id})
    assert (error["code"], error["message"]) == ("INVALID_REQUEST", f'agent "{agent_id}" not found')


async def test_only_administrators_change_the_roster(house: House) -> None:
    for method, params in (("agents.create", {"name": "x"}), ("agents.delete", {"agentId": "x"})):
        error = await house.refused(method, params, caller=house.caller("operator.write"))
        assert error["details"]["missingScope"] == "operator.admin"
