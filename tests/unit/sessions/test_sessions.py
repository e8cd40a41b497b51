"""The session store: acknowledged means kept, once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from clawfleet.core.clock import now_ms
from clawfleet.core.messages import Message, Usage
from clawfleet.sessions.inputs import KeyTaken
from clawfleet.sessions.model import NewInput, Settlement
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database

KEY = "agent:main:main"


@pytest_asyncio.fixture
async def sessions(tmp_path: Path) -> AsyncIterator[Sessions]:
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    yield Sessions(db)
    await db.close()


def new(name: str, *, key: str = KEY, delivery: str | None = None, ephemeral: bool = False) -> NewInput:
    return NewInput(
        run_id=name,
        idempotency_key=name,
        session_key=key,
        agent_id="main",
        message=Message("user", f"text of {name}"),
        delivery=delivery,
        ephemeral=ephemeral,
    )


async def texts(sessions: Sessions, key: str = KEY) -> list[str]:
    return [entry.message.text for entry in (await sessions.history(key, limit=100)).entries]


async def test_the_same_key_is_the_same_message_however_often_it_comes(sessions: Sessions) -> None:
    taken = await asyncio.gather(*(sessions.accept(new("a")) for _ in range(5)))
    assert [item.fresh for item in taken] == [True, False, False, False, False]
    assert len({item.entry.entry_id for item in taken}) == 1
    assert await texts(sessions) == ["text of a"]


async def test_a_key_of_another_session_is_refused(sessions: Sessions) -> None:
    await sessions.accept(new("a"))
    with pytest.raises(KeyTaken):
        await sessions.accept(new("a", key="agent:main:other"))


async def test_messages_are_numbered_within_their_session(sessions: Sessions) -> None:
    await sessions.accept(new("a"))
    await sessions.accept(new("b", key="agent:main:other"))
    await sessions.accept(new("c"))
    page = await sessions.history(KEY, limit=100)
    assert [(entry.seq, entry.run_id) for entry in page.entries] == [(1, "a"), (2, "c")]


async def test_pages_go_backwards_from_the_newest(sessions: Sessions) -> None:
    for name in "abcde":
        await sessions.accept(new(name))
    page = await sessions.history(KEY, limit=2, offset=1)
    assert [entry.run_id for entry in page.entries] == ["c", "d"]
    assert page.total == 5
    assert (await sessions.history("agent:main:never", limit=5)).session is None


async def test_a_transcript_is_read_no_further_back_than_asked(sessions: Sessions) -> None:
    for name in "abc":
        await sessions.accept(new(name))
    session = (await sessions.history(KEY, limit=1)).session
    assert session is not None
    for max_chars, runs in ((10_000, ["a", "b", "c"]), (80, ["b", "c"]), (1, ["c"])):
        entries = await sessions.transcript(session.session_id, max_chars=max_chars)
        assert [entry.run_id for entry in entries] == runs


async def test_a_settled_run_has_its_answer_its_usage_and_owes_nothing(sessions: Sessions) -> None:
    await sessions.accept(new("a"))
    await sessions.settle(
        Settlement("a", "done", "hi", "demo/echo", Usage(input=3, output=4)), [Message("assistant", "hi")]
    )
    assert await texts(sessions) == ["text of a", "hi"]
    session = (await sessions.history(KEY, limit=1)).session
    assert session is not None
    assert (session.model, session.input_tokens, session.output_tokens) == ("demo/echo", 3, 4)
    assert await sessions.unfinished() == ()
    assert not (await sessions.accept(new("a"))).fresh


async def test_what_is_owed_is_found_again_oldest_first(sessions: Sessions) -> None:
    await sessions.accept(new("a", delivery="{}"))
    await sessions.accept(new("b"))
    await sessions.settle(Settlement("a", "answered", "reply"), [Message("assistant", "reply")])
    owed = await sessions.unfinished()
    assert [(item.run_id, item.state, item.reply) for item in owed] == [
        ("a", "answered", "reply"),
        ("b", "accepted", None),
    ]
    await sessions.mark("a", "done")
    assert [item.run_id for item in await sessions.unfinished()] == ["b"]


async def test_an_interrupted_message_runs_again_when_repeated_but_stands_once(sessions: Sessions) -> None:
    await sessions.accept(new("a"))
    await sessions.accept(new("owed", delivery="to-42"))
    assert await sessions.interrupt("the gateway stopped") == 1
    page = await sessions.history(KEY, limit=10)
    assert page.entries[-1].note is not None
    assert (page.entries[-1].run_id, page.entries[-1].note.error) == ("a", "the gateway stopped")
    again = await sessions.accept(new("a"))
    assert again.fresh
    assert again.input.state == "accepted"
    assert await texts(sessions) == ["text of a", "text of owed"]


async def test_one_shot_sessions_are_not_listed_and_are_pruned(sessions: Sessions) -> None:
    await sessions.accept(new("a"))
    await sessions.accept(new("b", key="agent:main:openai:1", ephemeral=True))
    rows, total = await sessions.recent(agent_id="main", limit=10)
    assert ([row.key for row in rows], total) == ([KEY], 1)
    assert await sessions.prune(now_ms() + 1) == 1
    assert (await sessions.history("agent:main:openai:1", limit=1)).total == 0
    assert await texts(sessions) == ["text of a"]


async def test_settling_a_run_whose_session_was_deleted_is_no_error(sessions: Sessions) -> None:
    await sessions.accept(new("b", key="agent:main:openai:1", ephemeral=True))
    await sessions.prune(now_ms() + 1)
    assert await sessions.settle(Settlement("b", "done"), [Message("assistant", "late")]) is None


async def test_everything_is_there_after_opening_the_file_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
        await Sessions(db).accept(new(name))
        await db.close()
    db = await Database.open(tmp_path / "gateway.sqlite", MIGRATIONS)
    assert await texts(Sessions(db)) == ["text of a", "text of b"]
    await db.close()


async def test_a_key_that_is_another_runs_id_is_no_bug(sessions: Sessions) -> None:
    """Ids of runs are told to every reader; one who uses such an id as a key is refused, not failed."""
    await sessions.accept(replace(new("tg:1"), run_id="from-channel"))
    again = await sessions.accept(new("from-channel"))
    assert (again.fresh, again.input.idempotency_key) == (False, "tg:1")
    with pytest.raises(KeyTaken):
        await sessions.accept(new("from-channel", key="agent:main:other"))
