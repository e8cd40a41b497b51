"""Subagents: sessions that work for others. Spawned within limits, followed to their end, their result told.

A result is told at least once: what a stopped gateway owes is told after its next start. A subagent that spawned
others is over when they are. Source: tools-and-sessions §10.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from clawfleet.agents.announce import is_silent, result_text, task_text
from clawfleet.agents.endings import error_text
from clawfleet.agents.failures import TurnTimedOut
from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.agents.runs import Runs
from clawfleet.agents.spawning import Scope, Wish, refuse, resolve
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.ids import new_id
from clawfleet.core.requester import Requester
from clawfleet.core.tasks import Tasks
from clawfleet.sessions.lifecycle import NewSession, Patch
from clawfleet.sessions.model import Choices, Session
from clawfleet.sessions.sessions import Sessions
from clawfleet.sessions.spawns import Spawn, SpawnState
from clawfleet.tools.desk import Assignment

log = logging.getLogger("clawfleet.agents.subagents")

MINUTE_MS = 60_000
FORK_CHARS = 200_000
SILENT_ENDS = ("killed", "stop", "reset")
"""Runs that were stopped for these reasons are not told of: whoever stopped them knows."""


class Subagents:
    """All subagents of the gateway. `scope` gives config, models and roster of the moment."""

    def __init__(self, sessions: Sessions, runs: Runs, scope: Callable[[], Scope]) -> None:
        self._sessions = sessions
        self._runs = runs
        self._scope = scope
        self._tasks = Tasks()
        self._watched: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._latest: dict[str, Outcome] = {}
        self._spawning = asyncio.Lock()
        runs.subagents = self

    async def spawn(self, order: Assignment) -> Spawn:
        """Start a subagent and return; its result comes later. Raises `SpawnRefused`, and what `Runs.accept` does."""
        scope = self._scope()
        async with self._spawning:  # two at once must not both be the last child that is allowed
            by = await self._sessions.find(order.by_key)
            above = await self._sessions.spawns.of_session(order.by_key)
            active = [each for each in await self._sessions.spawns.by(order.by_key) if each.state == "running"]
            depth = above.depth if above else 0
            refuse(order, scope, depth=depth, active=len(active))
            wish = resolve(order, scope, by)
            spawn = _of(order, wish, depth + 1)
            choices = Choices(model=wish.model, thinking=wish.thinking)
            session, _ = await self._sessions.create(
                NewSession(spawn.key, spawn.agent_id, "spawn", spawn.by_key, choices)
            )
            if order.forks and by is not None:
                await self._fork(by, session, order.run_id)
            await self._sessions.spawns.add(spawn)
        try:
            run = await self._begin(spawn, scope, wish.timeout_s)
        except BaseException:
            await self._sessions.spawns.end(spawn.run_id, "failed", error="it could not be started")
            await self._sessions.spawns.announced(spawn.run_id)
            raise
        self._watch(spawn, run)
        log.info("%s spawned %s (depth %d)", spawn.by_key, spawn.key, spawn.depth)
        await self._put_away()
        return spawn

    async def of(self, key: str, *, since_ms: int = 0) -> tuple[Spawn, ...]:
        """The subagents that work for a session, newest first, and those of them that ended since then."""
        return await self._sessions.spawns.by(key, since_ms=since_ms)

    async def cancel(self, spawns: Sequence[Spawn], reason: str = "killed") -> tuple[Spawn, ...]:
        """Stop subagents and those that work for them; the given ones that were still running."""
        stopped: list[Spawn] = []
        for spawn in spawns:
            if spawn.state == "running":
                await self.stop_children(spawn.key, reason)
                await self._runs.stop(spawn.key, reason)
                stopped.append(spawn)
        return tuple(stopped)

    async def stop_children(self, key: str, reason: str = "stop") -> int:
        """Stop everything that works for a session; how many of its own."""
        return len(await self.cancel(await self._sessions.spawns.by(key, since_ms=now_ms()), reason))

    def stop_soon(self, key: str) -> None:
        """Stop everything that works for a session, in the background: somebody stopped that one."""
        self._tasks.start(self.stop_children(key), name=f"stop-subagents:{key}")

    async def wait(self, run_ids: Sequence[str], timeout_s: float) -> None:
        """Return when those subagents are over and told of, or the time is."""
        tasks = [task for run_id in run_ids if (watched := self._watched.get(run_id)) for task in (watched[1],)]
        if tasks and timeout_s > 0:
            await asyncio.wait(tasks, timeout=timeout_s)

    async def resume(self) -> None:
        """Take up what an earlier process left: those that ran are lost, and every result that is owed is told."""
        for spawn in await self._sessions.spawns.running():
            await self._sessions.spawns.end(spawn.run_id, "lost")
        for spawn in await self._sessions.spawns.owed():
            self._tasks.start(self._tell(spawn), name=f"announce:{spawn.run_id}")
        await self._put_away()

    async def close(self) -> None:
        """Follow nothing any more; what is owed is told after the next start."""
        await self._tasks.close()

    async def _begin(self, spawn: Spawn, scope: Scope, timeout_s: float | None) -> Run:
        max_depth = scope.settings(spawn.by_agent).max_spawn_depth
        accepted = await self._runs.accept(
            TurnInput(
                session_key=spawn.key,
                agent_id=spawn.agent_id,
                text=task_text(spawn, max_depth),
                run_id=spawn.run_id,
                timeout_s=timeout_s,
                requester=Requester.decode(spawn.requester) if spawn.requester else None,
            )
        )
        assert accepted.run is not None  # its key is new
        return accepted.run

    def _watch(self, spawn: Spawn, run: Run) -> None:
        task = self._tasks.start(self._follow(spawn, run), name=f"subagent:{spawn.run_id}")
        self._watched[spawn.run_id] = (spawn.by_key, task)
        task.add_done_callback(lambda _: self._watched.pop(spawn.run_id, None))

    async def _follow(self, spawn: Spawn, run: Run) -> None:
        """One subagent to its end, and to that of all that it spawned; then its result is told."""
        outcome = await run.outcome()
        while children := [task for by_key, task in self._watched.values() if by_key == spawn.key]:
            await asyncio.wait(children)
        outcome = self._latest.pop(spawn.key, outcome)
        if outcome.aborted == "shutdown":
            return  # the next process calls it lost
        state = _state_of(outcome)
        ended = await self._sessions.spawns.end(
            spawn.run_id,
            state,
            result=outcome.text,
            error=error_text(outcome.error) if outcome.error else None,
            tokens=(outcome.usage.input + outcome.usage.cache_read, outcome.usage.output),
        )
        if ended is None:
            return
        if outcome.aborted in SILENT_ENDS or is_silent(ended.result):
            await self._sessions.spawns.announced(spawn.run_id)
        elif ended.announces:
            await self._tell(ended)
        if ended.cleanup == "delete":
            await self._sessions.remove(ended.key)

    async def _tell(self, spawn: Spawn) -> None:
        """Start a turn of the requester that reads the result; for a subagent, wait for what it makes of it."""
        session = await self._sessions.find(spawn.key)
        asked = TurnInput(
            session_key=spawn.by_key,
            agent_id=spawn.by_agent,
            text=result_text(spawn, session.session_id if session else ""),
            idempotency_key=f"announce:{spawn.run_id}",
            delivery=spawn.delivery,
            requester=Requester.decode(spawn.requester) if spawn.requester else None,
        )
        try:
            accepted = await self._runs.accept(asked)
        except GatewayError as error:
            log.warning("the result of %s is not told yet: %s", spawn.key, error)
            return  # it stays owed
        await self._sessions.spawns.announced(spawn.run_id)
        if accepted.run is not None:
            above = await self._sessions.spawns.of_session(spawn.by_key)
            if above is not None and above.state == "running":
                self._latest[spawn.by_key] = await accepted.run.outcome()

    async def _fork(self, by: Session, session: Session, run_id: str) -> None:
        """Give a subagent what was said so far, but for the answer that is being made."""
        entries = await self._sessions.transcript(by.session_id, max_chars=FORK_CHARS)
        said = [
            each.message
            for each in entries
            if each.kind is None and (each.run_id != run_id or each.message.role == "user")
        ]
        await self._sessions.append(session.session_id, None, said)

    async def _put_away(self) -> None:
        """Archive the sessions of those that ended long enough ago."""
        after_min = self._scope().agents.defaults.subagents.archive_after_minutes
        if after_min:
            for spawn in await self._sessions.spawns.ended_before(now_ms() - after_min * MINUTE_MS):
                await self._sessions.patch(spawn.key, Patch(archived=True))


def _of(order: Assignment, wish: Wish, depth: int) -> Spawn:
    return Spawn(
        run_id=new_id(),
        key=f"agent:{wish.agent_id}:subagent:{new_id()}",
        by_key=order.by_key,
        agent_id=wish.agent_id,
        by_agent=order.by_agent,
        task=order.task,
        depth=depth,
        task_name=order.task_name,
        label=order.label,
        model=wish.model,
        caps=order.caps,
        delivery=order.delivery,
        requester=order.requester.encode() if order.requester else None,
        announces=order.announces,
        cleanup=order.cleanup,
        created_at_ms=now_ms(),
    )


def _state_of(outcome: Outcome) -> SpawnState:
    if isinstance(outcome.error, TurnTimedOut):
        return "timeout"
    if outcome.error is not None:
        return "failed"
    return "killed" if outcome.aborted else "done"
