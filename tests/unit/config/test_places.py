"""Where the paths of the config lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import check_text
from clawfleet.config.places import PLACES, with_absolute_paths
from clawfleet.config.shape import shape_at


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)


def test_every_place_is_a_key_of_the_config() -> None:
    """A key that was renamed must not lose its `~` silently."""
    assert [place for place in PLACES if shape_at(place) is None] == []


def test_only_paths_are_touched() -> None:
    """Other texts, other types and empty paths stay as they are; the given tree too."""
    tree: dict[str, object] = {
        "agents": {"entries": {"ops": {"workspace": "~/ops", "name": "~/name"}}, "defaults": {"workspace": ""}},
        "logging": {"file": 5},
    }
    assert with_absolute_paths(tree, lambda text: Path("/home/ana") / text.removeprefix("~/")) == {
        "agents": {"entries": {"ops": {"workspace": "/home/ana/ops", "name": "~/name"}}, "defaults": {"workspace": ""}},
        "logging": {"file": 5},
    }
    assert "~/ops" in str(tree)


def test_a_loaded_config_holds_absolute_paths(instance: Instance) -> None:
    """`~` is the gateway's home, a relative path starts at the state dir; the source says what was written."""
    text = """{agents: {defaults: {workspace: "~/notes", sandbox: {workspaceRoot: "boxes"}},
               list: [{id: "ops", workspace: "/srv/ops"}]}}"""
    snapshot = check_text(instance, text)
    agents = snapshot.config.agents
    assert agents.defaults.workspace == str(instance.home / "notes")
    assert agents.defaults.sandbox.workspace_root == str(instance.state_dir / "boxes")
    assert agents.entries["ops"].workspace == "/srv/ops"
    assert "~/notes" in str(snapshot.source)
