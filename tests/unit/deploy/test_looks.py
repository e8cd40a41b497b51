"""A look goes through the very steps of a deploy, and asks a host for all that they want to know at once."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import questions
from clawfleet.fleet.models.host import Connect
from control.looks import Looker
from control.reach import BOOT, HostFailedError, Reach, line, scripts
from control.talk import Talk, talks
from fleet_file import CheckedFleet, load_fleet
from wheelhouse import write_wheelhouse


@pytest.fixture
def checked(tmp_path: Path) -> CheckedFleet:
    """One host, two gateways."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "clawfleet-1.2.3-py3-none-any.whl").write_bytes(b"wheel")
    write_wheelhouse(wheels)
    hosts = {"a": {"connect": {"hostname": "10.0.0.1"}, "service": "system", "gateways": {"x": {}, "y": {}}}}
    (tmp_path / "fleet.json5").write_text(json.dumps({"version": 1, "hosts": hosts}))
    return load_fleet(tmp_path / "fleet.json5", wheels)


class Empty(Talk):
    """A host on which nothing was ever done: every look finds nothing."""

    def __init__(self, failing: str = "") -> None:
        super().__init__(Reach("a", Connect(), Path()))
        self.rounds: list[list[str]] = []
        self.failing = failing

    async def ask(self, verb: str, order: Any) -> Any:
        self.rounds.append(order["questions"])
        if self.failing == "connection":
            raise HostFailedError("a", "connect", "no route to host", "try: ssh a")
        return [(self.failing == question[:4], "", "out of order\n") for question in order["questions"]]


async def look(checked: CheckedFleet, talk: Talk, gateways: Sequence[str]) -> Any:
    looker = Looker(checked, 1)
    try:
        return await looker.look(talk, gateways)
    finally:
        looker.close()


async def test_a_look_takes_few_rounds_and_names_every_step(checked: CheckedFleet) -> None:
    """All questions of the first round are new in the next ones; nothing is asked twice."""
    talk = Empty()
    found = await look(checked, talk, ["x"])
    asked = [question for batch in talk.rounds for question in batch]
    assert len(talk.rounds) <= 3
    assert len(asked) == len(set(asked))
    assert found.failed is None
    assert {
        "user openclaw",
        f"release {checked.wheelhouse_of(checked.instances[0]).release}",
        "gateway x: .env",
    } <= set(found.changed)
    assert not [step for step in found.changed if step.startswith("gateway y")]


@pytest.mark.parametrize(
    ("failing", "step", "reason"), [("connection", "connect", "no route"), ("gete", "look", "out of order")]
)
async def test_what_cannot_be_looked_at_is_a_failure(
    checked: CheckedFleet, failing: str, step: str, reason: str
) -> None:
    """Never taken for as wanted."""
    found = await look(checked, Empty(failing), ["x"])
    assert (found.failed, reason in found.reason) == (step, True)


async def test_a_look_that_never_ends_is_given_up(checked: CheckedFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the question that is still open."""
    monkeypatch.setattr("control.looks.MOST_ROUNDS", 1)
    talk = Empty()
    found = await look(checked, talk, ["x"])
    assert (found.failed, len(talk.rounds)) == ("look", 1)
    assert talk.rounds[0][-1] in found.reason
    assert found.mended_by


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    """This machine as a host, without sudo."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    async with talks({"here": Reach("here", Connect(via="local"), Path())}) as opened:
        yield opened["here"]


async def test_one_connection_answers_again_and_again(here: Talk) -> None:
    """The scripts are sent once; what they start can neither read orders nor write answers."""
    seen = set()
    for number in range(3):
        asked = {"questions": [f"echo {number} $PPID", "cat", "echo no >&2; exit 3"]}
        (code, out, _), silent, refused = await here.ask("questions", asked)
        assert (code, silent, refused) == (0, [0, "", ""], [3, "", "no\n"])
        assert out.split()[0] == str(number)
        seen.add(int(out.split()[1]))
    assert len(seen) == 1
    os.kill(seen.pop(), 9)
    with contextlib.suppress(HostFailedError):  # whoever asks first may learn of it; the next opens a new connection
        await here.ask("questions", {"questions": ["true"]})
    assert (await here.ask("questions", {"questions": ["true"]}))[0][0] == 0


async def test_what_fails_on_a_host_says_why(here: Talk) -> None:
    """The last lines of its traceback."""
    with pytest.raises(HostFailedError, match=r"here: questions: .*KeyError"):
        await here.ask("questions", {})


def test_questions_are_answered_in_their_order() -> None:
    """However long each takes."""
    told = questions.answers({"questions": [f"sleep 0.0{9 - number}; echo {number}" for number in range(9)]})
    assert [out.strip() for _, out, _ in told] == [str(number) for number in range(9)]


async def test_a_missing_ssh_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostFailedError, match="there is no ssh here"):
        await Talk(Reach("a", Connect(), Path())).ask("holder", None)


def test_the_scripts_need_nothing_but_what_travels_with_them() -> None:
    """A host has no other module of ours."""
    orders = scripts() + line("questions", {"questions": ["echo x"]})
    done = subprocess.run(["python3", "-I", "-c", BOOT], input=orders, capture_output=True, check=True)
    assert json.loads(done.stdout)["answer"] == [[0, "x\n", ""]]
