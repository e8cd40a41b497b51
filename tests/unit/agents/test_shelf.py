"""The skills of an agent, and how its model is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.agents import shelf as module
from clawfleet.agents.shelf import Shelf, prompt_part
from clawfleet.agents.skills import Grounds
from clawfleet.config.models.root import Config

ENTRIES = {"main": {}, "all": {"skills": ["notes", "web"]}, "none": {"skills": []}}
CONFIG = Config.model_validate({"agents": {"defaults": {"skills": ["notes"]}, "entries": ENTRIES}})


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in ("notes", "web"):
        folder = tmp_path / "skills" / name
        folder.mkdir(parents=True)
        (folder / "SKILL.md").write_text(f"---\nname: {name}\ndescription: Does <{name}>.\n---\n")
    return tmp_path


@pytest.mark.parametrize(("agent_id", "names"), [("main", ["notes"]), ("all", ["notes", "web"]), ("none", [])])
async def test_an_agent_has_what_the_config_leaves_it(workspace: Path, agent_id: str, names: list[str]) -> None:
    """Its own list before the default one; an empty one is none."""
    shelf = Shelf(CONFIG, Grounds(workspace / "state", workspace / "home", {}))
    assert [each.file.name for each in await shelf.usable(agent_id, workspace)] == names


async def test_a_model_is_told_names_and_places(workspace: Path) -> None:
    skills = await Shelf(Config(), Grounds(workspace, workspace, {})).usable("main", workspace)
    part = prompt_part(skills, lambda path: None if "web" in str(path) else f"/b/{path.parent.name}")
    assert part is not None and part.splitlines()[1:] == [
        "<available_skills>",
        "<skill><name>notes</name><description>Does &lt;notes&gt;.</description><location>/b/notes</location></skill>",
        "</available_skills>",
    ]
    assert prompt_part(skills, lambda path: None) is None


async def test_the_list_keeps_within_its_budget(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARS", 130)
    skills = await Shelf(Config(), Grounds(workspace, workspace, {})).usable("main", workspace)
    part = prompt_part(skills, lambda path: "/x")
    assert part is not None and part.count("<skill>") == 1 and "(1 more skills are not listed" in part
