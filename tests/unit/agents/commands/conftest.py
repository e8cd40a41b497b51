"""A house whose model may not be asked."""

from pathlib import Path

import pytest

from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.fakes import House, build, say


@pytest.fixture
def house(sessions: Sessions, tmp_path: Path) -> House:
    """Runs over a real store; the model says `answer` twice."""
    return build(sessions, tmp_path, [say("answer"), say("answer")])
