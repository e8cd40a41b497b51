"""A house whose model may not be asked."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.registry import ToolBox
from tests.unit.agents.fakes import House, build, say


@pytest.fixture
def house(sessions: Sessions, tmp_path: Path) -> House:
    """Runs over a real store; the model says `answer` twice."""
    return build(sessions, tmp_path, [say("answer"), say("answer")])


@pytest.fixture
def equipped(sessions: Sessions, tmp_path: Path) -> Callable[..., House]:
    """A house with real tools, under the config that is given."""

    def make(**config: Any) -> House:
        environ = {"PATH": os.environ["PATH"]}
        box = ToolBox(
            config=Config.model_validate(config), instance_id="one", state_dir=tmp_path / "state", environ=environ
        )
        return build(sessions, tmp_path, [say("answer"), say("answer")], toolbox=box)

    return make
