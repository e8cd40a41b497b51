"""Skills that are files, told in the shape clients know."""

from pathlib import Path

import pytest

from clawfleet.rpc.clients import Caller
from tests.unit.rpc.house import House

TEXT = """---
name: weather
description: Say the weather.
metadata: {"openclaw": {"emoji": "x", "requires": {"bins": ["no-such-program"]}}}
---
Look out of the window.
"""


@pytest.fixture
def skill(house: House) -> Path:
    folder = Path(house.gateway.roster.get(None).workspace) / "skills" / "weather"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(TEXT, encoding="utf-8")
    return folder


async def test_a_skill_says_what_it_still_needs(house: House, skill: Path) -> None:
    status = await house.call("skills.status", agentId="main")
    assert status["workspaceDir"] == str(skill.parents[1])
    assert status["managedSkillsDir"] == str(house.gateway.instance.state_dir / "skills")
    (row,) = status["skills"]
    assert (row["name"], row["skillKey"], row["source"], row["bundled"]) == (
        "weather",
        "weather",
        "openclaw-workspace",
        False,
    )
    assert (row["eligible"], row["platformIncompatible"], row["modelVisible"]) == (False, False, False)
    assert row["missing"] == {"bins": ["no-such-program"], "anyBins": [], "env": [], "config": [], "os": []}
    assert (row["baseDir"], row["filePath"]) == (str(skill), str(skill / "SKILL.md"))


async def test_an_agent_without_skills_has_none(house: House) -> None:
    assert (await house.call("skills.status"))["skills"] == []
    assert await house.call("skills.search", limit=20) == {"results": []}
    library = await house.call("skills.library.list", scope="all")
    assert (library["entries"], library["profileId"], library["canManageWorkspace"]) == ([], None, False)


async def test_a_node_learns_which_programs_are_looked_for(house: House, skill: Path) -> None:
    node = Caller("n1", house.caller().client, (), True, role="node")
    (frame,) = await house.ask("skills.bins", caller=node)
    assert frame["payload"] == {"bins": ["no-such-program"]}
    assert (await house.refused("skills.bins"))["message"] == "unauthorized role: operator"
