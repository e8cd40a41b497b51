"""`/stop` is done at the door."""

from clawfleet.agents.commands.stop import STOP
from tests.unit.agents.commands.typed import typed
from tests.unit.agents.fakes import House


async def test_a_stop_that_comes_as_far_as_the_runs_is_no_command(house: House) -> None:
    assert STOP.answer is None
    assert await typed(house, "/stop") == "answer"
