"""`/skill`: a message that names a skill; what is none is answered with those that there are."""

from pathlib import Path

import pytest

from clawfleet.agents.commands.skill import command_name
from clawfleet.agents.shelf import Shelf
from clawfleet.agents.skills import Grounds
from clawfleet.config.models.root import Config
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.registry import ToolBox
from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House, build, say


@pytest.fixture
def house(sessions: Sessions, tmp_path: Path) -> House:
    folder = tmp_path / "skills" / "daily"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: Daily Report\ndescription: Reports.\n---\n")
    box = ToolBox(config=Config(), instance_id="one", state_dir=tmp_path / "state", environ={})
    shelf = Shelf(Config(), Grounds(tmp_path / "state", tmp_path / "home", {}))
    return build(sessions, tmp_path, [say("done")], toolbox=box, shelf=shelf)


async def test_the_model_is_told_which_file_to_follow(house: House, tmp_path: Path) -> None:
    assert await typed(house, "/skill daily_report for monday") == "done"
    told = house.models.seen[0][-1].text
    place = tmp_path / "skills" / "daily" / "SKILL.md"
    assert told == f'Use the skill "Daily Report": read {place} first and follow it.\n\nInput:\nfor monday'
    assert "<available_skills>" in house.models.seen[0][0].text


async def test_what_is_none_is_told(house: House) -> None:
    assert await typed(house, "/skill") == "Usage: /skill <name> [input]\nSkills: Daily Report."
    assert await typed(house, "/skill weekly now") == 'Unknown skill "weekly". Skills: Daily Report.'


@pytest.mark.parametrize(("name", "typed_as"), [("Daily Report", "daily_report"), ("a/b", "a_b"), ("x" * 40, "x" * 32)])
def test_names_as_people_type_them(name: str, typed_as: str) -> None:
    assert command_name(name) == typed_as
