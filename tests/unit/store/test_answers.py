"""A request that arrives twice is done once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from clawfleet.core.errors import HostError
from clawfleet.store.answers import LIFE_MS, KeptAnswers, KeyReused
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database

ASKED = {"to": "somebody"}


class Work:
    """Counts how often it is done; `gate` holds it up, `error` makes it fail."""

    def __init__(self) -> None:
        self.done = 0
        self.gate: asyncio.Event | None = None
        self.error: Exception | None = None

    async def __call__(self) -> dict[str, int]:
        if self.gate is not None:
            await self.gate.wait()
        self.done += 1
        if self.error is not None:
            raise self.error
        return {"number": self.done}


@asynccontextmanager
async def kept(folder: Path, now: int = 10_000) -> AsyncIterator[KeptAnswers]:
    db = await Database.open(folder / "gateway.sqlite", MIGRATIONS)
    answers = KeptAnswers(db, lambda: now)
    try:
        yield answers
    finally:
        await answers.close()
        await db.close()


async def test_a_repeated_key_gets_the_first_answer(tmp_path: Path) -> None:
    work = Work()
    async with kept(tmp_path) as answers:
        first = await answers.once("send", "k1", ASKED, work)
        again = await answers.once("send", "k1", ASKED, work)
        other = await answers.once("poll", "k1", ASKED, work)
    assert (first, again, other) == ({"number": 1}, {"number": 1}, {"number": 2})


async def test_it_is_kept_over_a_restart(tmp_path: Path) -> None:
    work = Work()
    async with kept(tmp_path) as answers:
        await answers.once("send", "k1", ASKED, work)
    async with kept(tmp_path) as answers:
        assert await answers.once("send", "k1", ASKED, work) == {"number": 1}
    assert work.done == 1


async def test_two_at_once_are_done_once(tmp_path: Path) -> None:
    work = Work()
    work.gate = asyncio.Event()
    async with kept(tmp_path) as answers, asyncio.TaskGroup() as group:
        both = [group.create_task(answers.once("send", "k1", ASKED, work)) for _ in range(2)]
        await asyncio.sleep(0)
        work.gate.set()
    assert [task.result() for task in both] == [{"number": 1}, {"number": 1}]


async def test_what_was_begun_ends_when_its_caller_is_gone(tmp_path: Path) -> None:
    work = Work()
    work.gate = asyncio.Event()
    async with kept(tmp_path) as answers:
        async with asyncio.TaskGroup() as group:
            caller = group.create_task(answers.once("send", "k1", ASKED, work))
            await asyncio.sleep(0)
            caller.cancel()
        work.gate.set()
        assert await answers.once("send", "k1", ASKED, work) == {"number": 1}


async def test_the_same_key_for_something_else_is_refused(tmp_path: Path) -> None:
    work = Work()
    async with kept(tmp_path) as answers:
        await answers.once("send", "k1", ASKED, work)
        with pytest.raises(KeyReused):
            await answers.once("send", "k1", {"to": "somebody else"}, work)


async def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    work = Work()
    work.error = HostError("no connection")
    async with kept(tmp_path) as answers:
        with pytest.raises(HostError):
            await answers.once("send", "k1", ASKED, work)
        work.error = None
        assert await answers.once("send", "k1", ASKED, work) == {"number": 2}


async def test_a_day_later_it_is_forgotten(tmp_path: Path) -> None:
    work = Work()
    async with kept(tmp_path) as answers:
        await answers.once("send", "k1", ASKED, work)
    async with kept(tmp_path, now=10_001 + LIFE_MS) as answers:
        assert await answers.once("send", "k1", ASKED, work) == {"number": 2}
        assert await answers.forget_old() == 0
    async with kept(tmp_path, now=20_002 + 2 * LIFE_MS) as answers:
        assert await answers.forget_old() == 1
