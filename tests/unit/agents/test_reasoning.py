"""What a model thinks is told where its session shows it, and nowhere else."""

from pathlib import Path

import pytest

from clawfleet.agents.events import ReasoningGrew
from clawfleet.agents.run import TurnInput
from clawfleet.core.requester import Requester
from clawfleet.models.providers.base import ReasoningDelta
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.fakes import Step, build, call, say

KEY = "agent:main:main"
THOUGHT: Step = [ReasoningDelta("Hm"), ReasoningDelta(", well"), *say("Yes")]


async def heard(sessions: Sessions, tmp_path: Path, level: str | None, *steps: Step) -> list[ReasoningGrew]:
    house = build(sessions, tmp_path, list(steps))
    requester = Requester("webchat", orders={"reasoning": level} if level else {})
    accepted = await house.runs.accept(TurnInput(KEY, "main", "hi", requester=requester))
    assert accepted.run is not None
    assert (await accepted.run.done).error is None
    return [body for body in house.heard if isinstance(body, ReasoningGrew)]


@pytest.mark.parametrize("level", ["on", "stream"])
async def test_it_grows_and_is_whole_when_the_model_speaks(sessions: Sessions, tmp_path: Path, level: str) -> None:
    told = await heard(sessions, tmp_path, level, THOUGHT)
    assert [(one.text, one.is_whole, one.level) for one in told[-1:]] == [("Hm, well", True, level)]
    assert "".join(one.delta for one in told) == "Hm, well"
    assert sum(one.is_whole for one in told) == 1


async def test_each_model_call_has_its_own(sessions: Sessions, tmp_path: Path) -> None:
    steps = [[ReasoningDelta("first"), *call("nope")], [ReasoningDelta("second"), *say("Yes")]]
    told = await heard(sessions, tmp_path, "on", *steps)
    assert [one.text for one in told if one.is_whole] == ["first", "second"]


async def test_nothing_is_told_unless_asked_for(sessions: Sessions, tmp_path: Path) -> None:
    assert await heard(sessions, tmp_path, None, THOUGHT) == []


async def test_a_model_that_does_not_think_says_nothing_of_it(sessions: Sessions, tmp_path: Path) -> None:
    assert await heard(sessions, tmp_path, "on", say("Yes")) == []
