"""Subagents as they are kept."""

from __future__ import annotations

from dataclasses import replace

from clawfleet.sessions.lifecycle import NewSession, Patch
from clawfleet.sessions.sessions import Sessions
from clawfleet.sessions.spawns import MOST_RESULT, Spawn

ONE = Spawn("run-1", "agent:main:subagent:1", "agent:main:main", "main", "main", "count", 1, created_at_ms=1)


async def test_one_is_found_by_its_session_and_by_whom_it_works_for(store: Sessions) -> None:
    """With everything that was kept."""
    whole = replace(ONE, task_name="n", label="l", model="p/m", caps=("read",), delivery="{}", requester="{}")
    await store.spawns.add(whole)
    assert await store.spawns.of_session(ONE.key) == whole
    assert await store.spawns.of_session("other") is None
    assert await store.spawns.by(ONE.by_key) == (whole,)
    assert await store.spawns.running() == (whole,)
    assert whole.name == "l"
    assert replace(whole, label=None).name == "n"
    assert ONE.name == "run-1"


async def test_an_end_is_kept_once(store: Sessions) -> None:
    await store.spawns.add(ONE)
    ended = await store.spawns.end("run-1", "done", result="x" * (MOST_RESULT + 5), tokens=(3, 4))
    assert ended is not None
    assert (ended.state, len(ended.result), ended.tokens_in, ended.tokens_out) == ("done", MOST_RESULT, 3, 4)
    assert await store.spawns.end("run-1", "failed") is None
    assert await store.spawns.running() == ()


async def test_what_is_owed_is_known_until_it_is_told(store: Sessions) -> None:
    await store.spawns.add(ONE)
    await store.spawns.add(replace(ONE, run_id="run-2", key="agent:main:subagent:2", announces=False))
    assert await store.spawns.owed() == ()
    await store.spawns.end("run-1", "done")
    await store.spawns.end("run-2", "done")
    assert [each.run_id for each in await store.spawns.owed()] == ["run-1"]
    await store.spawns.announced("run-1")
    assert await store.spawns.owed() == ()


async def test_lists_go_back_as_far_as_is_asked(store: Sessions) -> None:
    """And what is put away is not found to be put away again."""
    await store.create(NewSession(ONE.key, "main"))
    await store.spawns.add(ONE)
    ended = await store.spawns.end("run-1", "done")
    assert ended is not None and ended.ended_at_ms is not None
    assert await store.spawns.by(ONE.by_key, since_ms=ended.ended_at_ms + 1) == ()
    assert len(await store.spawns.by(ONE.by_key, since_ms=ended.ended_at_ms)) == 1
    assert len(await store.spawns.ended_before(ended.ended_at_ms + 1)) == 1
    await store.patch(ONE.key, Patch(archived=True))
    assert await store.spawns.ended_before(ended.ended_at_ms + 1) == ()
