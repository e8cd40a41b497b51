"""The gateway as its tools see it (`tools.desk.Desk`): channels, runs, roster and models behind one counter."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Literal

from clawfleet.agents.commands.status import card
from clawfleet.agents.endings import error_text
from clawfleet.agents.run import Outcome, Run, TurnInput
from clawfleet.agents.runs import Runs
from clawfleet.agents.spawning import Scope
from clawfleet.agents.subagents import Subagents
from clawfleet.channels.base import Outbound
from clawfleet.channels.replies import Delivery
from clawfleet.channels.supervisor import Supervisor
from clawfleet.core.errors import ToolError
from clawfleet.core.ids import new_id
from clawfleet.core.messages import Image, Message
from clawfleet.models.client import Asker
from clawfleet.models.providers.base import Sampling, TextDelta
from clawfleet.models.refs import split_pin
from clawfleet.rpc.call import Current, Live
from clawfleet.rpc.wake import WOKEN
from clawfleet.sessions.lifecycle import Patch
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions
from clawfleet.sessions.spawns import Spawn
from clawfleet.tools.conversations.rows import is_subagent
from clawfleet.tools.desk import AgentCard, Assignment, Chat, Errand, Heard, Letter, Route
from clawfleet.tools.failures import ToolDenied

MOST_HOPS = 5
"""So many sessions in a row may ask each other; the next one would mostly be a circle."""


class RuntimeDesk:
    """Serves the tools of one gateway. `live` is asked each time: configs come and go."""

    def __init__(self, live: Live, sessions: Sessions, runs: Runs, channels: Supervisor) -> None:
        self._live = live
        self._sessions = sessions
        self._runs = runs
        self._channels = channels
        self._hops: dict[str, int] = {}
        self._waiting: list[tuple[str, str]] = []
        self.children = Subagents(sessions, runs, lambda: scope_of(live.current))

    @property
    def sessions(self) -> Sessions:
        """The session store."""
        return self._sessions

    def routes(self) -> tuple[Route, ...]:
        """The accounts that can send now, in the order of the config."""
        accounts = (row.account for row in self._channels.rows())
        return tuple(Route(each.channel, each.account) for each in accounts if each.enabled and each.configured)

    def chat_of(self, run_id: str) -> Chat | None:
        """The chat that a run answers to; None when it came another way."""
        run = self._runs.find(run_id)
        if run is None or run.asked.delivery is None:
            return None
        to = Delivery.decode(run.asked.delivery)
        return Chat(Route(to.channel, to.account), to.chat_id, to.thread_id)

    async def send(self, letter: Letter) -> tuple[str, ...]:
        """Send a text; the platform's ids of its parts. Raises `ChannelError`."""
        message = Outbound(letter.to, letter.text, letter.thread_id, letter.reply_to)
        sent = await self._channels.send(letter.route.channel, letter.route.account, message)
        return sent.message_ids

    def agents(self) -> tuple[AgentCard, ...]:
        """The configured agents in their order."""
        current = self._live.current
        roster, catalog = current.roster, current.models.catalog
        return tuple(
            AgentCard(each.id, each.name, str(catalog.default(each.id)), each.id == roster.default_id)
            for each in roster.agents.values()
        )

    def locate(self, key: str, agent_id: str | None = None) -> tuple[str, str]:
        """The canonical key and the agent of a key as somebody wrote it. Raises `RequestError`."""
        return self._live.current.roster.locate(key, agent_id)

    def is_running(self, key: str) -> bool:
        """Whether something runs or waits in a session."""
        return bool(self._runs.live(key))

    async def ask(self, errand: Errand) -> Heard:
        """Run a message in another session and wait for the answer as long as the errand says.

        Raises `ToolDenied` for a circle: a session that waits for this one would be asked, or the chain is too long.
        """
        hops = self._hops.get(errand.from_run, 0) + 1
        if hops > MOST_HOPS:
            raise ToolDenied(f"{MOST_HOPS} sessions have asked each other in a row; answer instead of asking on.")
        if errand.wait_s > 0 and self._waits(errand.to_key, errand.from_key):
            raise ToolDenied(f"{errand.to_key} waits for the answer of this session; answer instead of asking back.")
        if errand.wait_s <= 0:
            return Heard((await self._begin(errand, hops)).run_id, "accepted")
        pair = (errand.from_key, errand.to_key)
        self._waiting.append(pair)
        try:
            return await self._wait(await self._begin(errand, hops), errand.wait_s)
        finally:
            self._waiting.remove(pair)

    async def _begin(self, errand: Errand, hops: int) -> Run:
        asking = self._runs.find(errand.from_run)
        asked = TurnInput(
            session_key=errand.to_key,
            agent_id=errand.to_agent,
            text=errand.text,
            requester=asking.asked.requester if asking else None,  # nobody may do more by way of another session
        )
        run = (await self._runs.accept(asked)).run
        assert run is not None  # its key is new
        self._hops[run.run_id] = hops
        run.done.add_done_callback(lambda _: self._hops.pop(run.run_id, None))
        return run

    async def _wait(self, run: Run, wait_s: float) -> Heard:
        try:
            async with asyncio.timeout(wait_s):
                return _heard(run.run_id, await run.outcome())
        except TimeoutError:
            return Heard(run.run_id, "timeout", f"no answer within {wait_s:g} seconds; it goes on by itself")

    def _waits(self, key: str, for_key: str) -> bool:
        """Whether a session waits for another, itself or through those that it waits for."""
        reached, open_keys = {key}, [key]
        while open_keys:
            asking = open_keys.pop()
            further = {to for by, to in self._waiting if by == asking} - reached
            reached |= further
            open_keys += further
        return for_key in reached

    async def spawn(self, assignment: Assignment) -> Spawn:
        """Start a subagent; its result comes to the asking session by itself. Raises `SpawnRefused`."""
        run = self._runs.find(assignment.run_id)
        if run is not None:
            assignment = replace(assignment, delivery=run.asked.delivery, requester=run.asked.requester)
        return await self.children.spawn(assignment)

    async def subagents(self, key: str, since_ms: int) -> tuple[Spawn, ...]:
        """Those that work for a session, newest first, and those of them that ended since then."""
        return await self.children.of(key, since_ms=since_ms)

    async def stop_subagents(self, spawns: tuple[Spawn, ...]) -> tuple[Spawn, ...]:
        """Stop those and what works for them; the ones that were still running."""
        return await self.children.cancel(spawns)

    async def await_subagents(self, run_ids: tuple[str, ...], wait_s: float) -> None:
        """Return when those are over, or the time is."""
        await self.children.wait(run_ids, wait_s)

    def spawn_targets(self, agent_id: str) -> tuple[str, ...]:
        """The agents that an agent may spawn."""
        return scope_of(self._live.current).targets(agent_id)

    def note(self, key: str, text: str) -> None:
        """Let the next turn of a session know `text`."""
        self._runs.system_events.note(key, text)

    async def wake(self, key: str, text: str) -> None:
        """Let a session know `text`: in the turn that is to begin there next, else in one of its own."""
        key, agent_id = self.locate(key)
        self.note(key, text)
        if not is_subagent(key) and not any(run.will_read_notes for run in self._runs.live(key)):
            await self._runs.accept(TurnInput(session_key=key, agent_id=agent_id, text=WOKEN, idempotency_key=new_id()))

    async def status(self, session: Session) -> str:
        """The card that /status shows of a session."""
        return card(session, self._live.current.models.catalog, self._runs)

    def eyes(self, model: str | None, agent_id: str) -> Literal["own", "other"] | None:
        """Whether a model sees pictures itself, or another one can describe them to it; None when nobody can."""
        catalog = self._live.current.models.catalog
        row = catalog.find(catalog.resolve(model, agent_id)) if model else None
        if row is None or "image" in row.input:
            return "own"
        return "other" if catalog.image_model(agent_id) else None

    async def describe(self, agent_id: str, question: str, images: tuple[Image, ...], model: str | None) -> str:
        """What the agent's model for pictures, or `model`, says of some. Raises `GatewayError`."""
        models = self._live.current.models
        ref = models.catalog.resolve(model, agent_id) if model else models.catalog.image_model(agent_id)
        if ref is None:
            raise ToolError("No model that sees pictures is configured.", hint="agents.defaults.imageModel names one.")
        stream = models.stream(ref, (Message("user", question, images=images),), (), Sampling(), Asker(agent_id))
        async with aclosing(stream):
            return "".join([event.text async for event in stream if isinstance(event, TextDelta)])

    async def choose_model(self, session: Session, wanted: str | None) -> str:
        """Let another model answer in a session, None for the default; what was chosen. Raises `GatewayError`."""
        models = self._live.current.models
        if wanted is None:
            await self._sessions.patch(session.key, Patch(choices={"model": None}))
            return str(models.catalog.default(session.agent_id))
        chosen = models.catalog.choose(wanted, session.agent_id)
        ref, profile = split_pin(chosen)
        if profile:
            await models.check_profile(profile, ref, session.agent_id)
        await self._sessions.patch(session.key, Patch(choices={"model": chosen}))
        return str(ref)


def scope_of(current: Current) -> Scope:
    """What decides about subagents now."""
    return Scope(current.snapshot.config.agents, current.models.catalog, current.roster)


def _heard(run_id: str, outcome: Outcome) -> Heard:
    if outcome.error is not None:
        return Heard(run_id, "error", error_text(outcome.error))
    if outcome.aborted is not None:
        return Heard(run_id, "error", "the run was stopped")
    return Heard(run_id, "ok", outcome.text) if outcome.text.strip() else Heard(run_id, "no_reply")
