"""Agents made, changed and removed on disk."""

from pathlib import Path

import pytest

from clawfleet.agents.roster import Settings, add_agent, change_agent, remove_agent
from clawfleet.config.agent_entries import entries_of
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import Snapshot
from clawfleet.core.errors import ConfigError


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    found = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    found.state_dir.mkdir()
    return found


def entries(instance: Instance) -> object:
    return entries_of(instance.config_path.read_text())


def test_a_new_agent_has_a_place_of_its_own(instance: Instance) -> None:
    agent = add_agent(instance, Settings("Helper", model="demo/echo", emoji="🤖"))
    place = instance.state_dir / "workspace-helper"
    assert (agent.id, agent.name, Path(agent.workspace), place.is_dir()) == ("helper", "Helper", place, True)
    assert entries(instance) == {
        "main": {},
        "helper": {"name": "Helper", "model": "demo/echo", "identity": {"emoji": "🤖"}, "workspace": str(place)},
    }


def test_a_place_can_be_chosen(instance: Instance, tmp_path: Path) -> None:
    agent = add_agent(instance, Settings("Helper", workspace="~/elsewhere"))
    assert Path(agent.workspace) == tmp_path / "elsewhere"
    assert (tmp_path / "elsewhere").is_dir()


def test_an_agent_is_changed(instance: Instance) -> None:
    add_agent(instance, Settings("Helper", workspace="~/w", model="demo/echo"))
    change_agent(instance, "helper", Settings("Helper Two", clears_model=True))
    assert entries(instance) == {"main": {}, "helper": {"name": "Helper Two", "workspace": "~/w"}}


def test_what_the_gateway_refuses_is_not_written(instance: Instance) -> None:
    def refuse(_: Snapshot) -> None:
        raise ConfigError("no")

    with pytest.raises(ConfigError):
        add_agent(instance, Settings("Helper"), refuse)
    assert not instance.config_path.exists()


def test_the_workspace_of_a_removed_agent_goes_into_the_trash(instance: Instance) -> None:
    place = Path(add_agent(instance, Settings("Helper")).workspace)
    (place / "notes.md").write_text("mine")
    removed = remove_agent(instance, "helper", files=True)
    assert [(gone.path, gone.method) for gone in removed.gone] == [(place, "trash")]
    assert entries(instance) == {"main": {}}
    assert not place.exists()
    (kept,) = (instance.state_dir / "trash").glob("helper-*/notes.md")
    assert kept.read_text() == "mine"


def test_files_stay_when_asked_or_when_they_are_not_there(instance: Instance) -> None:
    place = Path(add_agent(instance, Settings("Helper")).workspace)
    assert remove_agent(instance, "helper", files=False).gone == ()
    assert place.is_dir()
    place.rmdir()
    add_agent(instance, Settings("Helper"))
    place.rmdir()
    (gone,) = remove_agent(instance, "helper", files=True).gone
    assert (gone.path, gone.method) == (place, "missing")


@pytest.mark.parametrize("workspace", ["~", "~/.openclaw", "~/shared", "/"])
def test_what_is_not_the_agents_alone_stays(instance: Instance, tmp_path: Path, workspace: str) -> None:
    add_agent(instance, Settings("Other", workspace="~/shared/other"))
    add_agent(instance, Settings("Helper", workspace=workspace))
    removed = remove_agent(instance, "helper", files=True)
    assert removed.gone == ()
    ((path, reason),) = removed.failed
    assert reason
    assert path.exists()
    assert (tmp_path / "shared/other").is_dir()


def test_a_link_stays(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    add_agent(instance, Settings("Helper", workspace="~/link"))
    assert remove_agent(instance, "helper", files=True).failed == ((tmp_path / "link", "it is a link"),)
    assert (tmp_path / "real").is_dir()
