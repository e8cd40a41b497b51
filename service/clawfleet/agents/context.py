"""What a turn shows its model: made before the first step, grown by every step, shortened when it is too long."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clawfleet.agents import history
from clawfleet.agents.compaction import Compaction
from clawfleet.agents.events import Compacting, Status
from clawfleet.agents.lanes import SUBAGENT
from clawfleet.agents.prompt import Scene, system_prompt
from clawfleet.agents.run import Run, TurnInput
from clawfleet.agents.shelf import Shelf, prompt_part
from clawfleet.agents.shown import NO_ORDERS, reasoning_of, verbose_of
from clawfleet.agents.spawning import subagent_settings
from clawfleet.agents.workspace import Limits, PromptFile, files_for, prepare, read_files
from clawfleet.config.models.agents import Agents, Verbose
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.messages import Message, ToolSpec
from clawfleet.models import thinking
from clawfleet.models.catalog import ModelRow
from clawfleet.models.client import Asker, Models
from clawfleet.models.providers.base import Sampling
from clawfleet.models.refs import ModelRef, split_pin
from clawfleet.routing.roster import Agent, Roster
from clawfleet.sessions.model import Session
from clawfleet.sessions.sessions import Sessions
from clawfleet.tools.base import Tool
from clawfleet.tools.loops import Loops
from clawfleet.tools.registry import ToolBox
from clawfleet.tools.subject import ExecWish, Occasion

log = logging.getLogger("clawfleet.agents")

SUMMED_UP_FROM = 0.25
"""The part of a model's window that earlier talk must take before it is worth a summary."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What stays the same through the turn, as long as `model` answers: another one may have other tools."""

    model: ModelRef
    asker: Asker
    tools: Mapping[str, Tool]
    specs: tuple[ToolSpec, ...]
    workspace: Path
    context_tokens: int
    sampling: Sampling
    loops: Loops


@dataclass(frozen=True, slots=True)
class Manners:
    """What the config says of agents: their settings, and where their skills are. Without a shelf there are none."""

    agents: Agents = field(default_factory=Agents)
    shelf: Shelf | None = None


@dataclass(slots=True)
class Talk:
    """The conversation of one turn. `before` is what was said earlier, `own` the question and what came of it.

    `most_tokens` is the room for both beside the system prompt and the tools.
    """

    system: Message
    before: tuple[Message, ...]
    own: tuple[Message, ...]
    most_tokens: int
    sees: bool

    def add(self, *messages: Message) -> None:
        """One more step."""
        self.own = (*self.own, *messages)

    def shown(self) -> tuple[Message, ...]:
        """What the model is sent."""
        said = history.fitting(self.before, self.own, self.most_tokens)
        return (self.system, *(said if self.sees else history.without_images(said)))

    @property
    def is_too_long(self) -> bool:
        """Whether something would have to be left out."""
        return sum(map(history.weight, (*self.before, *self.own))) > self.most_tokens


class Contexts:
    """Prepares what turns show, and makes room when it is too much."""

    def __init__(
        self,
        *,
        models: Models,
        toolbox: ToolBox,
        sessions: Sessions,
        roster: Roster,
        manners: Manners | None = None,
    ) -> None:
        """`manners` are what the config says of agents; without them the defaults hold."""
        manners = manners or Manners()
        self._models = models
        self._shelf = manners.shelf
        self._toolbox = toolbox
        self._sessions = sessions
        self._roster = roster
        self.agents = manners.agents
        self.compaction = Compaction(sessions=sessions, models=models, settings=self.agents.defaults.compaction)

    async def prepare(self, run: Run) -> tuple[Setting, Talk]:
        """What `run` begins with; a conversation that is too long is summed up first."""
        run.emit(Status("preparing_workspace"))
        asked, agent = run.asked, self._roster.get(run.input.agent_id)
        workspace = Path(agent.workspace)
        await asyncio.to_thread(prepare, workspace)
        row, asker = self._choose_model(run, agent)
        window = min(row.context_window, self._setting(agent, "context_tokens") or row.context_window)
        before, own = await self._said(run, window)
        files = await self._files(run, agent, is_continued=any(each.role == "assistant" for each in before))
        run.emit(Status("preparing_context"))
        run.spawn = await self._sessions.spawns.of_session(run.session_key) if SUBAGENT in run.session_key else None
        run.reasoning = reasoning_of(run.session, self.agents, _orders(run))
        occasion = self._occasion(run, row.ref)
        await self._toolbox.prepare(agent.id, run.session_key, occasion)
        tools = self._toolbox.equipment(agent.id, run.session_key, occasion, others=bool(asked.client_tools))
        specs = _specs(tools, asked)
        asker = replace(asker, tools_for=lambda ref: _specs(self._offered(run, ref), asked))
        at_work = self._toolbox.at_work(agent.id, run.session_key) if "process" in tools else None
        scene = Scene(
            agent_id=agent.id,
            agent_name=agent.name,
            theme=agent.identity.theme,
            session_key=run.session_key,
            model=str(row.ref),
            workspace=str(workspace),
            files=files,
            tools=sorted(tools),
            skills=await self._skills(run, workspace, tools),
            place=self._toolbox.surroundings(agent.id, run.session_key) if tools else None,
            may_be_silent=run.input.delivery is not None,
            extra="\n\n".join(filter(None, (run.extra_system, at_work))) or None,
        )
        system = Message("system", system_prompt(scene, now_ms()))
        used = history.weight(system) + history.tokens(sum(len(json.dumps(spec.parameters)) for spec in specs))
        talk = Talk(system, before, own, history.room(window) - used, "image" in row.input)
        if self.agents.defaults.compaction.enabled and self._is_full(run, talk, window):
            await self._sum_up(run, talk, window)
        effort = thinking.effort(asked.thinking or run.session.choices.thinking, row)
        sampling = asked.sampling if effort is None else replace(asked.sampling, reasoning_effort=effort)
        return Setting(row.ref, asker, tools, specs, workspace, window, sampling, self._toolbox.loops(agent.id)), talk

    def verbose(self, run: Run, session: Session) -> Verbose:
        """How much of its tools a run tells, its session being as `session` says."""
        return verbose_of(session, self.agents, _orders(run))

    async def _skills(self, run: Run, workspace: Path, tools: Mapping[str, Tool]) -> str | None:
        """What the model is told of skills: those whose files its tools can read."""
        if self._shelf is None or not {"read", "exec"} & tools.keys():
            return None
        usable = await self._shelf.usable(run.input.agent_id, workspace)
        return prompt_part(
            usable, lambda path: self._toolbox.seen_at(run.input.agent_id, run.session_key, workspace, path)
        )

    def refitted(self, run: Run, setting: Setting) -> Setting:
        """`setting` with the tools of the model that answers now; a fallback may have others."""
        if run.model is None or run.model == setting.model:
            return setting
        tools = self._offered(run, run.model)
        return replace(setting, model=run.model, tools=tools, specs=_specs(tools, run.asked))

    def _offered(self, run: Run, ref: ModelRef) -> Mapping[str, Tool]:
        return self._toolbox.offered(run.input.agent_id, run.session_key, self._occasion(run, ref))

    def _occasion(self, run: Run, ref: ModelRef) -> Occasion:
        """What the tools of a run go by; a subagent has those that its generation may have, and no others than asked
        for it."""
        occasion = occasion_of(run, ref)
        if (spawn := run.spawn) is None:
            return occasion
        max_depth = subagent_settings(self.agents, spawn.by_agent).max_spawn_depth
        return replace(occasion, depth=spawn.depth, max_depth=max_depth, caps=spawn.caps)

    async def make_room(self, run: Run, setting: Setting, talk: Talk) -> None:
        """Shorten what a provider refused as too long: sum up what was said before, or show half as much."""
        if not (talk.before and await self._sum_up(run, talk, setting.context_tokens)):
            talk.most_tokens = min(talk.most_tokens, sum(map(history.weight, (*talk.before, *talk.own)))) // 2
            talk.own = history.trimmed(talk.own)

    def _choose_model(self, run: Run, agent: Agent) -> tuple[ModelRow, Asker]:
        catalog = self._models.catalog
        wanted = run.asked.model or run.session.choices.model
        ref = catalog.resolve(wanted, agent.id) if wanted else catalog.default(agent.id)
        if "image" not in catalog.row(ref).input and _shows_picture(run.asked):
            ref = catalog.image_model(agent.id) or ref
        run.model = ref
        asker = Asker(agent.id, run.input.session_id, split_pin(wanted or "")[1], may_fall_back=wanted is None)
        return catalog.row(ref), asker

    async def _said(self, run: Run, window: int) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
        if run.asked.context is not None:
            said = run.asked.context
            asked_at = max((at for at, each in enumerate(said) if each.role == "user"), default=len(said) - 1)
            return said[:asked_at], said[asked_at:]
        # Twice what fits: a conversation that outgrew the window is to be noticed, not cut in silence.
        max_chars = int(2 * window * history.CHARS_PER_TOKEN)
        entries = await self._sessions.transcript(run.input.session_id, max_chars=max_chars)
        return history.as_said_to(run.run_id, entries)

    async def _files(self, run: Run, agent: Agent, *, is_continued: bool) -> tuple[PromptFile, ...]:
        injection = self._setting(agent, "context_injection")
        if injection == "never" or (injection == "continuation-skip" and is_continued):
            return ()
        limits = Limits(self._setting(agent, "bootstrap_max_chars"), self._setting(agent, "bootstrap_total_max_chars"))
        names = files_for(run.session_key, agent.id)
        return await asyncio.to_thread(read_files, Path(agent.workspace), names, limits)

    def _is_full(self, run: Run, talk: Talk, window: int) -> bool:
        """By our own guess, or by what the provider counted last time; and because of what was said before.

        Where the prompt and the tools fill the window by themselves, a summary each turn would not help.
        """
        before = sum(map(history.weight, talk.before))
        if run.asked.context is not None or before < SUMMED_UP_FROM * history.room(window):
            return False
        counted = run.session.context_used + sum(map(history.weight, talk.own))
        return talk.is_too_long or counted > history.room(window)

    async def _sum_up(self, run: Run, talk: Talk, window: int) -> bool:
        """Whether what was said before is a summary now; a model that cannot sum up costs the turn nothing."""
        if run.asked.context is not None or run.summed_up:
            return False
        run.summed_up = True
        run.emit(Compacting("start"))
        done = False
        try:
            done = (await self.compaction.compact(run.session, before_run=run.run_id)).done
        except GatewayError as error:
            log.warning("run %s shows its newest part only: %s", run.run_id, error.message)
        finally:
            run.emit(Compacting("end", done=done))
        if done:
            talk.before, _ = await self._said(run, window)
        return done

    def _setting(self, agent: Agent, name: str) -> Any:
        entry = self.agents.entries.get(agent.id)
        own = getattr(entry, name) if entry else None
        return getattr(self.agents.defaults, name) if own is None else own


def _shows_picture(asked: TurnInput) -> bool:
    return bool(asked.context[-1].images if asked.context else asked.images)


def _specs(tools: Mapping[str, Tool], asked: TurnInput) -> tuple[ToolSpec, ...]:
    return (*(tool.spec for tool in tools.values()), *asked.client_tools)


def _orders(run: Run) -> Mapping[str, str]:
    return run.asked.requester.orders if run.asked.requester else NO_ORDERS


def occasion_of(run: Run, ref: ModelRef) -> Occasion:
    """What the tools of a run go by: who asked, what was chosen for the session, what was ordered for this message."""
    asked, chosen, orders = run.asked.requester, run.session.choices, _orders(run)
    wish = ExecWish(
        orders.get("elevated") or chosen.elevated, chosen.exec_host, orders.get("security"), orders.get("ask")
    )
    return Occasion(model=str(ref), requester=asked, wish=wish)
