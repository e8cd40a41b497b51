"""The skills of each agent: what is found, what of it the agent may have, and how its model is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from clawfleet.agents.skills import Grounds, Skill, skills_of
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.config.models.root import Config
from clawfleet.config.path import BadPath, look_up, parse_path

MOST_CHARS = 18_000
"""Longest list of skills in a prompt. Source: tools-and-sessions §13."""

HEAD = (
    "Before you answer, look whether one of these skills fits the request. If one clearly does, read its file first "
    "and follow it; if none does, read none."
)


class Shelf:
    """Finds the skills of agents under one config."""

    def __init__(self, config: Config, grounds: Grounds) -> None:
        self._config = config
        self.grounds = grounds

    @classmethod
    def of(cls, instance: Instance, snapshot: Snapshot) -> Shelf:
        """The shelf of an instance."""
        settings = snapshot.config.skills
        grounds = Grounds(
            state_dir=instance.state_dir,
            home=instance.home,
            environ=snapshot.environ,
            extra=tuple(instance.home / folder.removeprefix("~/") for folder in settings.load.extra_dirs),
            disabled=frozenset(name for name, entry in settings.entries.items() if not entry.enabled),
            has_key=lambda key: _is_set(snapshot.source, key),
        )
        return cls(snapshot.config, grounds)

    async def found(self, workspace: Path) -> tuple[Skill, ...]:
        """Every skill that an agent with this workspace finds."""
        return await asyncio.to_thread(skills_of, workspace, self.grounds)

    async def usable(self, agent_id: str, workspace: Path) -> tuple[Skill, ...]:
        """Those of them that the agent may have and that can work."""
        if self.allowed(agent_id) == ():
            return ()
        return tuple(
            skill
            for skill in await self.found(workspace)
            if skill.is_eligible and self.is_allowed(agent_id, skill.file.name)
        )

    def allowed(self, agent_id: str) -> tuple[str, ...] | None:
        """The names that the config leaves an agent, None for all."""
        entry = self._config.agents.entries.get(agent_id)
        own = entry.skills if entry else None
        return self._config.agents.defaults.skills if own is None else own

    def is_allowed(self, agent_id: str, name: str) -> bool:
        """Whether the config leaves an agent the skill."""
        allowed = self.allowed(agent_id)
        return allowed is None or name in allowed


def prompt_part(skills: Sequence[Skill], seen_at: Callable[[Path], str | None]) -> str | None:
    """The list of skills as part of a prompt; None when there is nothing to tell.

    `seen_at` says where the agent's tools find a file, None when they cannot. What does not fit is left out, and how
    many.
    """
    rows: list[str] = []
    length = left_out = 0
    for skill in skills:
        place = seen_at(skill.path) if skill.file.for_model else None
        if place is None:
            continue
        row = (
            f"<skill><name>{escape(skill.file.name)}</name>"
            f"<description>{escape(skill.file.description)}</description><location>{escape(place)}</location></skill>"
        )
        if length + len(row) > MOST_CHARS:
            left_out += 1
            continue
        rows.append(row)
        length += len(row) + 1
    if not rows:
        return None
    more = f"\n({left_out} more skills are not listed: openclaw skills list)" if left_out else ""
    return "\n".join([HEAD, "<available_skills>", *rows, "</available_skills>"]) + more


def _is_set(tree: object, key: str) -> bool:
    try:
        return bool(look_up(tree, parse_path(key)))
    except (KeyError, BadPath):
        return False
