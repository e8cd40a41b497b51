"""The one place where messages enter: accepted durably, run in a lane, settled, delivered, resumed after a crash."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from clawfleet.agents.commands.base import Children, Desk
from clawfleet.agents.commands.skill import with_skill
from clawfleet.agents.commands.table import Commands
from clawfleet.agents.compaction import Compacted
from clawfleet.agents.deliveries import Deliver, Deliveries
from clawfleet.agents.endings import error_text, reply_text, usage_line
from clawfleet.agents.events import Ended, Failed, Replied, RunEvent
from clawfleet.agents.failures import ChoiceNotKept, Draining, InternalFailure, TurnTimedOut
from clawfleet.agents.fallback_notices import FallbackNotices
from clawfleet.agents.lanes import MAX_WAITING, LaneFull, Lanes
from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.agents.system_events import SystemEvents
from clawfleet.agents.turn import Turns, note_of
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.events import Bus
from clawfleet.core.messages import Message, Usage
from clawfleet.core.requester import Requester
from clawfleet.core.tasks import Tasks
from clawfleet.sessions.model import Entry, Input, InputState, NewInput, Note, Session, SessionChange, Settlement
from clawfleet.sessions.sessions import Sessions

log = logging.getLogger("clawfleet.agents")

INTERRUPTED = "The gateway stopped before this was answered. Send it again."
STOP_S = 10.0
"""What a stopped run gets to write down how far it was."""


KeepChoice = Callable[[str, str | None], Awaitable[None]]
"""Writes a model (ref, agent or None for all) into the config."""


async def _keeps_nothing(ref: str, agent_id: str | None) -> None:
    raise ChoiceNotKept


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is on disk, as number `seq` of its session.

    `run` is None when it was answered before (the input tells how it ended).
    """

    input: Input
    run: Run | None
    fresh: bool
    seq: int


class Runs:
    """All runs of the gateway. `events` carries what happens in every one of them.

    `system_events` are what the next turn of a session is to know besides its message. `subagents` is
    set by whoever looks after them.
    """

    def __init__(
        self,
        *,
        sessions: Sessions,
        turns: Turns,
        lanes: Lanes,
        deliver: Deliver,
        timeout_s: float,
    ) -> None:
        self._sessions = sessions
        self._furnish(turns)
        self._lanes = lanes
        self.events: Bus[RunEvent] = Bus()
        self.system_events = SystemEvents()
        self.subagents: Children | None = None
        self.keep_choice: KeepChoice = _keeps_nothing
        self._timeout_s = timeout_s
        self._deliveries = Deliveries(sessions, deliver)
        self._live: dict[str, Run] = {}
        self._tasks = Tasks()
        self._accepting: set[asyncio.Future[Any]] = set()
        self._draining = False
        self._notices = FallbackNotices()
        sessions.changes.listen(self._heed)

    def adopt(self, turns: Turns, *, max_concurrent: int, timeout_s: float, most_subagents: int = 8) -> None:
        """From now on turns begin with `turns` and these limits; those under way end as they began."""
        self._furnish(turns)
        self._timeout_s = timeout_s
        self._lanes.resize(max_concurrent, most_subagents)

    def _furnish(self, turns: Turns) -> None:
        self._turns = turns
        desk = Desk(self._sessions, turns.models, turns.roster, turns.toolbox, turns.shelf, turns.contexts.agents)
        self._commands = Commands(desk)

    def _heed(self, change: SessionChange) -> None:
        """How much is told of tools holds for messages that were accepted before, too."""
        if change.reason == "patch":
            for run in self.live(change.session.key):
                run.verbose = self._turns.contexts.verbose(run, change.session)

    def live(self, session_key: str | None = None) -> tuple[Run, ...]:
        """Runs that wait or are under way, of one session or of all, oldest first."""
        return tuple(run for run in self._live.values() if session_key is None or run.session_key == session_key)

    def find(self, run_id: str) -> Run | None:
        """The live run of that id."""
        return self._live.get(run_id)

    async def accept(self, asked: TurnInput) -> Accepted:
        """Keep the message and start its run; when this returns, the message is on disk.

        The same idempotency key gives the same run, or None for it when it is over. Raises `Draining`, `LaneFull`,
        `KeyTaken`, `StoreUnavailable`; nothing was kept then.
        """
        if self._draining:
            raise Draining
        asked = self._commands.read(await with_skill(asked, self._turns))
        if not asked.command and len(self.live(asked.session_key)) > MAX_WAITING:
            raise LaneFull(asked.session_key)
        if asked.resets:
            await self._make_way(asked)
        # A caller that goes away while the disk works leaves no message behind that nobody answers.
        keeping = self._tasks.start(self._keep_and_start(asked), name="accept")
        self._accepting.add(keeping)
        keeping.add_done_callback(self._accepting.discard)
        kept = asyncio.shield(keeping)
        # Who is acknowledged hears of it before anybody hears of the run: it starts behind the one who waits here.
        keeping.add_done_callback(self._launch_soon)
        accepted: Accepted | GatewayError = await kept
        if isinstance(accepted, GatewayError):
            raise accepted
        return accepted

    async def _keep_and_start(self, asked: TurnInput) -> Accepted | GatewayError:
        new = NewInput(
            run_id=asked.run_id,
            idempotency_key=asked.idempotency_key,
            session_key=asked.session_key,
            agent_id=asked.agent_id,
            message=asked.message,
            model=asked.model,
            delivery=asked.delivery,
            ephemeral=asked.ephemeral,
            is_command=asked.command is not None,
            resets=asked.resets,
            requester=asked.requester.encode() if asked.requester else None,
        )
        try:
            kept = await self._sessions.accept(new)
        except GatewayError as error:
            return error
        if not kept.fresh:
            return Accepted(kept.input, self._live.get(kept.input.run_id), False, kept.entry.seq)
        return Accepted(kept.input, self._new_run(asked, kept.input, kept.session, kept.entry), True, kept.entry.seq)

    async def _make_way(self, asked: TurnInput) -> None:
        """Stop what runs in a session that begins anew; a message that was accepted before changes nothing."""
        if await self._sessions.input(asked.idempotency_key) is None:
            await self.stop(asked.session_key, "reset")

    async def stop(self, session_key: str, reason: str) -> tuple[str, ...]:
        """Stop all runs of a session and return when they are over; the ids of those that were stopped."""
        stopped = self.abort(session_key=session_key, reason=reason)
        await self._all_ended([run.done for run in self.live(session_key)], asyncio.get_running_loop().time() + STOP_S)
        return stopped

    async def choose_model(self, ref: str, agent_id: str | None) -> None:
        """Keep a model in the config, as that of one agent or of all. Raises `GatewayError`."""
        await self.keep_choice(ref, agent_id)

    async def tell(self, session_key: str, agent_id: str, text: str, requester: Requester | None) -> str:
        """Start a run with a message in another session; its id. Raises what `accept` does."""
        asked = TurnInput(session_key=session_key, agent_id=agent_id, text=text, requester=requester)
        return (await self.accept(asked)).input.run_id

    async def compact(self, session: Session, instructions: str = "") -> Compacted:
        """Shorten what models read of a session, between its turns. Raises `GatewayError`."""
        async with self._lanes.turn(session.key):
            return await self._turns.contexts.compaction.compact(session, instructions)

    def abort(self, *, session_key: str, run_id: str | None = None, reason: str = "rpc") -> tuple[str, ...]:
        """Stop one run, or all runs of a session; the ids of those that were stopped."""
        if reason == "stop" and self.subagents is not None:
            self.subagents.stop_soon(session_key)
        return tuple(run.run_id for run in self.live(session_key) if run_id in (None, run.run_id) and run.abort(reason))

    async def resume(self) -> None:
        """Take up what an earlier process left: run and deliver what a channel still waits for, close the rest.

        Call it before anybody can send: what is accepted here and now looks like what was left.
        """
        repaired = await self._sessions.repair()
        if repaired:
            log.warning("%d tool calls were cut off when the gateway ended; each has a result that says so", repaired)
        await self._sessions.interrupt(INTERRUPTED)
        for left in await self._sessions.unfinished():
            assert left.delivery is not None  # all others were interrupted
            if left.state == "answered":
                self._deliveries.send(left.run_id, left.session_key, left.delivery, left.reply or "")
            else:
                log.info("answering again after a restart: run %s in %s", left.run_id, left.session_key)
                asked = TurnInput(
                    session_key=left.session_key,
                    agent_id=left.agent_id,
                    text=left.text,
                    idempotency_key=left.idempotency_key,
                    run_id=left.run_id,
                    model=left.model,
                    delivery=left.delivery,
                    requester=Requester.decode(left.requester) if left.requester else None,
                    may_command=True,
                )
                session = await self._sessions.find(left.session_key)
                if session is not None:
                    self._launch(self._new_run(self._commands.read(asked), left, session))

    async def drain(self, budget_s: float) -> bool:
        """Take nothing new, let runs and replies end for up to `budget_s` seconds, stop the rest; True if none was.

        What a channel still waits for then stays owed and comes after the next start.
        """
        self._draining = True
        end = asyncio.get_running_loop().time() + budget_s
        await self._all_ended(list(self._accepting), end)
        in_time = await self._all_ended([run.done for run in self._live.values()], end)
        stopped = [run.done for run in tuple(self._live.values()) if run.abort("shutdown")]
        await self._all_ended(stopped, end + STOP_S)
        await self._all_ended(self._deliveries.under_way, end)
        await self._deliveries.close()
        await self._tasks.close()
        return in_time

    async def _all_ended(self, work: list[asyncio.Future[Any]], end: float) -> bool:
        if not work:
            return True
        left_s = max(0.0, end - asyncio.get_running_loop().time())
        return not (await asyncio.wait(work, timeout=left_s))[1]

    def _new_run(self, asked: TurnInput, accepted: Input, session: Session, entry: Entry | None = None) -> Run:
        run = Run(asked, accepted, session, self.events.tell)
        run.question = entry
        run.verbose = self._turns.contexts.verbose(run, session)
        self._live[run.run_id] = run
        return run

    def _launch_soon(self, keeping: asyncio.Future[Any]) -> None:
        if keeping.cancelled() or not isinstance(accepted := keeping.result(), Accepted) or not accepted.fresh:
            return
        assert accepted.run is not None
        asyncio.get_running_loop().call_soon(self._launch, accepted.run)

    def _launch(self, run: Run) -> None:
        if run.question is not None:
            reset = (SessionChange(run.session, "reset"),) if run.asked.resets else ()
            told = SessionChange(run.session, "send"), SessionChange(run.session, entries=(run.question,))
            for change in (*reset, *told):
                self._sessions.changes.tell(change)
        run.task = self._tasks.start(self._execute(run), name=f"run:{run.run_id}")

    async def _execute(self, run: Run) -> None:
        outcome = await self._attempt(run)
        run.ending = True  # from here on an abort would only lose the answer
        try:
            await self._settle(run, outcome)
        except GatewayError as error:
            log.error("run %s could not be settled: %s", run.run_id, error)
            outcome = Outcome("error", error=error, model=run.model)
        except Exception:
            log.exception("run %s could not be settled by a bug", run.run_id)
            outcome = Outcome("error", error=InternalFailure(run.run_id), model=run.model)
        finally:
            run.over = True
            self._tell_end(run, outcome)
            del self._live[run.run_id]
            run.done.set_result(outcome)

    async def _attempt(self, run: Run) -> Outcome:
        limit_s = min(run.asked.timeout_s or self._timeout_s, self._timeout_s)
        run.begun = True
        try:
            if run.abort_reason is not None:
                raise asyncio.CancelledError
            if run.asked.command is not None:
                run.started_at_ms = now_ms()
                async with asyncio.timeout(limit_s):
                    return await self._commands.answer(run, self)
            async with self._lanes.turn(run.session_key):
                run.started_at_ms = now_ms()
                run.notes = self.system_events.take(run.session_key)
                try:
                    async with asyncio.timeout(limit_s):
                        return await self._turns.run(run)
                except TimeoutError:
                    raise TurnTimedOut(limit_s) from None
        except asyncio.CancelledError:
            said = (Message("assistant", run.unkept),) if run.unkept else ()
            return Outcome(
                "aborted",
                text=run.visible,
                visible=run.visible,
                closing=said,
                usage=run.usage,
                last_usage=run.last_usage,
                model=run.model,
                aborted=run.abort_reason or "shutdown",
            )
        except GatewayError as error:
            log.warning("run %s failed: %s (%s)", run.run_id, error_text(error), error.code)
            return _failed(run, error)
        except Exception:
            log.exception("run %s failed by a bug", run.run_id)
            return _failed(run, InternalFailure(run.run_id))

    async def _settle(self, run: Run, outcome: Outcome) -> None:
        delivery = run.input.delivery
        if outcome.aborted == "shutdown" and delivery is not None:
            return  # stays accepted: the next process answers it
        reply = reply_text(outcome)
        if delivery is not None and reply:
            reply += usage_line(outcome, run.session.choices.response_usage)
        if delivery is not None and reply and (notice := self._notices.of(run, outcome)):
            reply = f"{notice}\n\n{reply}"
        state: InputState
        if delivery is not None and reply:
            state = "answered"
        elif outcome.error is not None:
            state = "failed"
        else:
            state = "aborted" if outcome.aborted else "done"
        error = error_text(outcome.error) if outcome.error else None
        end = Settlement(
            run_id=run.run_id,
            state=state,
            reply=reply,
            model=str(outcome.model) if outcome.model else None,
            usage=outcome.usage,
            context_used=outcome.last_usage.input + outcome.last_usage.cache_read,
            error=error,
            started_at_ms=run.started_at_ms,
        )
        change = await self._sessions.settle(end, outcome.closing, _note(run, outcome, error))
        if change is not None:
            run.session = change.session
        if delivery is not None and state == "answered":
            self._deliveries.send(run.run_id, run.session_key, delivery, reply)

    def _tell_end(self, run: Run, outcome: Outcome) -> None:
        started = run.started_at_ms or now_ms()
        ref = outcome.model
        if run.asked.command is not None and outcome.error is None and outcome.aborted is None:
            run.emit(Replied(outcome.text))
            return
        if outcome.error is not None:
            details = {**outcome.error.details}
            if ref is not None:
                details |= {"provider": ref.provider, "model": ref.model}
            run.emit(
                Failed(error_text(outcome.error), outcome.error.code, started, now_ms(), details, bool(outcome.visible))
            )
            return
        run.emit(
            Ended(
                text=outcome.text,
                stop_reason=outcome.aborted or outcome.stop_reason,
                aborted=outcome.aborted is not None,
                started_at_ms=started,
                at_ms=now_ms(),
                provider=ref.provider if ref else None,
                model=ref.model if ref else None,
                tools_used=outcome.tools_used,
            )
        )


def _note(run: Run, outcome: Outcome, error: str | None) -> Note:
    if run.asked.command is not None:
        return Note("openclaw", "gateway-injected", outcome.stop_reason, error, kind="command", usage=Usage())
    return note_of(outcome.model, outcome.stop_reason, error, outcome.last_usage)


def _failed(run: Run, error: GatewayError) -> Outcome:
    # An empty message stays in the transcript too: its note tells who reads it later what went wrong.
    said = Message("assistant", run.unkept)
    return Outcome(
        "error",
        usage=run.usage,
        last_usage=run.last_usage,
        visible=run.visible,
        closing=(said,),
        model=run.model,
        error=error,
    )
