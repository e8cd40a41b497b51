"""`/skill <name> [input]`: a message that the agent answers by one of its skills. Source: tools-and-sessions §11."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.agents.run import TurnInput
from clawfleet.agents.skills import Skill

if TYPE_CHECKING:  # the turns know the commands' answers
    from clawfleet.agents.turn import Turns

USAGE = "Usage: /skill <name> [input]"
_FORM = re.compile(r"/skill(?::\s*|\s+)(\S+)\s*(.*)", re.DOTALL | re.IGNORECASE)


async def with_skill(asked: TurnInput, turns: Turns) -> TurnInput:
    """`asked` as a message that names the skill, where it is `/skill` with one that the agent has."""
    match = _FORM.fullmatch(asked.text.strip()) if asked.may_command and turns.shelf is not None else None
    if match is None or turns.shelf is None:
        return asked
    workspace = Path(turns.roster.get(asked.agent_id).workspace)
    usable = await turns.shelf.usable(asked.agent_id, workspace)
    skill = _named(match[1], usable)
    place = turns.toolbox.seen_at(asked.agent_id, asked.session_key, workspace, skill.path) if skill else None
    if skill is None or place is None:
        return asked
    text = f'Use the skill "{skill.file.name}": read {place} first and follow it.'
    given = f"\n\nInput:\n{match[2].strip()}" if match[2].strip() else ""
    return replace(asked, text=text + given, may_command=False)


def command_name(name: str) -> str:
    """A skill's name as people type it."""
    return re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:32]


def _named(word: str, skills: Iterable[Skill]) -> Skill | None:
    return next(
        (each for each in skills if each.file.for_people and command_name(word) == command_name(each.file.name)), None
    )


async def _answer(typed: Typed) -> str:
    """Where it is answered as a command, no skill was meant that the agent has."""
    shelf, session = typed.desk.shelf, typed.session
    workspace = Path(typed.desk.roster.get(session.agent_id).workspace)
    usable = await shelf.usable(session.agent_id, workspace) if shelf else ()
    names = ", ".join(each.file.name for each in usable if each.file.for_people) or "none"
    wanted = typed.rest.partition(" ")[0]
    return f'Unknown skill "{wanted}". Skills: {names}.' if wanted else f"{USAGE}\nSkills: {names}."


SKILL = Command(
    "skill",
    "Run a skill by name.",
    "tools",
    _answer,
    arguments=(Argument("name", "which skill"), Argument("input", "what to do with it")),
)
