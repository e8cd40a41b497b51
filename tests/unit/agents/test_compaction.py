"""A conversation becomes shorter for the model, and only when the model summed it up."""

from pathlib import Path

import pytest

from clawfleet.agents.compaction import NoSummary, split, told
from clawfleet.agents.run import TurnInput
from clawfleet.core.messages import Message, Usage
from clawfleet.models.providers.base import Finished, TextDelta
from clawfleet.sessions.model import Entry, Note
from clawfleet.sessions.sessions import Sessions
from tests.unit.agents.fakes import House, Step, build, say

KEY = "agent:main:main"


async def talked(sessions: Sessions, workspace: Path, *steps: Step) -> House:
    house = build(sessions, workspace, [say("one"), say("two"), *steps])
    for text in ("first", "second"):
        accepted = await house.runs.accept(TurnInput(KEY, "main", text))
        assert accepted.run is not None
        await accepted.run.outcome()
    return house


async def test_later_turns_read_the_summary_and_what_was_kept(sessions: Sessions, tmp_path: Path) -> None:
    house = await talked(sessions, tmp_path, say("we said first"), say("three"))
    session = await sessions.find(KEY)
    assert session is not None
    result = await house.runs.compact(session, "keep names")
    assert (result.done, result.summary) == (True, "we said first")
    asked = house.models.seen[2]
    assert "keep names" in asked[0].text
    assert "first" in asked[1].text
    assert "second" not in asked[1].text
    accepted = await house.runs.accept(TurnInput(KEY, "main", "third"))
    assert accepted.run is not None
    await accepted.run.outcome()
    texts = [message.text for message in house.models.seen[3][1:]]
    assert texts[0].endswith("we said first")
    assert texts[1:] == ["second", "two", "third"]
    assert (await sessions.history(KEY, limit=20)).total == 7


async def test_without_a_summary_nothing_changes(sessions: Sessions, tmp_path: Path) -> None:
    house = await talked(sessions, tmp_path, [TextDelta(" "), Finished("stop", Usage())])
    session = await sessions.find(KEY)
    assert session is not None
    with pytest.raises(NoSummary):
        await house.runs.compact(session)
    assert (await sessions.history(KEY, limit=20)).total == 4


async def test_an_empty_session_has_nothing_to_compact(sessions: Sessions, tmp_path: Path) -> None:
    house = build(sessions, tmp_path, [])
    kept = await house.runs.accept(TurnInput(KEY, "main", "/status", may_command=True))
    assert kept.run is not None
    await kept.run.outcome()
    session = await sessions.find(KEY)
    assert session is not None
    assert (await house.runs.compact(session)).reason == "nothing to compact"


def entry(seq: int, role: str, text: str = "x", note: Note | None = None) -> Entry:
    return Entry("s", seq, f"e{seq}", f"r{seq}", 1, Message(role, text), note)  # type: ignore[arg-type]


def test_a_single_exchange_is_summed_up_whole_and_a_long_one_keeps_its_newest_part() -> None:
    one = [entry(1, "user"), entry(2, "assistant")]
    assert split(one, 20_000) == (one, [])
    assert split([], 20_000) == ([], [])
    long = [entry(1, "user", "x" * 70_000), entry(2, "user", "y" * 60_000), entry(3, "assistant"), entry(4, "user")]
    assert split(long, 20_000) == (long[:1], long[1:])


def test_an_earlier_summary_is_summed_up_again() -> None:
    summary = entry(3, "system", "old", Note(kind="compaction"))
    entries = [entry(1, "user"), entry(2, "assistant"), summary, entry(4, "user"), entry(5, "assistant")]
    old, kept = split(entries, 20_000)
    assert ([e.seq for e in old], [e.seq for e in kept]) == ([1, 2, 3], [4, 5])
    assert "Earlier summary: old" in told(old)
