"""Workspaces are the projects, this host is the environment."""

from pathlib import Path

from tests.unit.rpc.house import House, open_house


async def test_every_agents_workspace_is_a_project(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"main": {"default": True}, "ops": {"workspace": "/srv/ops"}}}}
    async with open_house(tmp_path, config) as house:
        projects = (await house.call("projects.list"))["projects"]
    assert [(row["id"], row["source"], row["agentId"]) for row in projects] == [
        ("workspace:main", "workspace", "main"),
        ("workspace:ops", "workspace", "ops"),
    ]
    assert (projects[1]["displayName"], projects[1]["repoRoot"]) == ("ops", "/srv/ops")


async def test_who_may_only_read_is_not_told_where_on_the_disk(house: House) -> None:
    (frame,) = await house.ask("projects.list", caller=house.caller("operator.read"))
    assert "repoRoot" not in frame["payload"]["projects"][0]


async def test_agents_run_on_this_host(house: House) -> None:
    (own,) = (await house.call("environments.list", includeDesktopSetup=True))["environments"]
    assert (own["id"], own["type"], own["status"], own["sessionHost"]) == ("gateway", "local", "available", True)
    assert "sessions" in own["capabilities"]
