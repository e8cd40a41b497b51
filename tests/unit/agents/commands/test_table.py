"""A text is a command when it is nothing else."""

from pathlib import Path

import pytest

from clawfleet.agents.commands.table import COMMANDS, recognise
from clawfleet.agents.events import Replied, Started
from clawfleet.agents.run import TurnInput
from clawfleet.core.messages import Message
from clawfleet.sessions.model import NewInput
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.commands.typed import KEY, typed
from tests.unit.agents.fakes import House, build


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("/status", "status", ""),
        (" /STATUS ", "status", ""),
        ("/commands", "commands", ""),
        ("/model fake/two", "model", "fake/two"),
        ("/think: high", "think", "high"),
        ("/new what\nnow", "new", "what\nnow"),
    ],
)
def test_a_command_and_what_stands_behind_it(text: str, name: str, rest: str) -> None:
    known = recognise(text)
    assert known is not None
    assert (known[0].name, known[1]) == (name, rest)


@pytest.mark.parametrize("text", ["status", "/statusx", "/unknown", "say /status", "/", "//status", "/etc/hosts"])
def test_anything_else_goes_to_the_model(text: str) -> None:
    assert recognise(text) is None


def test_no_two_commands_share_a_name() -> None:
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))


async def test_a_command_is_answered_without_the_model_and_no_model_reads_it(sessions: Sessions, house: House) -> None:
    assert "Model: fake/one" in await typed(house, "/status")
    assert [type(body) for body in house.heard] == [Replied]
    assert not any(isinstance(body, Started) for body in house.heard)
    assert await typed(house, "hello") == "answer"
    assert [message.text for message in house.models.seen[0][1:]] == ["hello"]
    page = await sessions.history(KEY, limit=10)
    assert [entry.kind for entry in page.entries] == ["command", "command", None, None]


async def test_a_command_that_a_dead_process_left_is_answered_as_one(sessions: Sessions, tmp_path: Path) -> None:
    left = NewInput("r", "k", KEY, "main", Message("user", "/help"), delivery="chat", is_command=True)
    await sessions.accept(left)
    delivered: list[str] = []

    async def deliver(delivery: str, text: str) -> None:
        delivered.append(text)

    house = build(sessions, tmp_path, [], deliver=deliver)
    await house.runs.resume()
    (run,) = house.runs.live()
    await run.outcome()
    await house.runs.drain(5)
    assert [text[:4] for text in delivered] == ["ℹ️ H"]


async def test_who_may_not_command_talks_to_the_model(house: House) -> None:
    accepted = await house.runs.accept(TurnInput(KEY, "main", "/status"))
    assert accepted.run is not None
    assert (await accepted.run.outcome()).text == "answer"
