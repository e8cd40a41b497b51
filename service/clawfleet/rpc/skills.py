"""`skills.*`: instructions that agents find as files. Source: protocol §12, tools-and-sessions §13."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from clawfleet.agents.shelf import Shelf
from clawfleet.agents.skill_file import Needs
from clawfleet.agents.skills import Skill, managed_dir
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Params, Result, method


class SkillsStatusParams(Params):
    """Whose skills."""

    agent_id: str | None = None


class SkillNeeds(Result):
    """What a skill needs, or what of it is missing."""

    bins: list[str]
    any_bins: list[str]
    env: list[str]
    config: list[str]
    os: list[str]

    @classmethod
    def of(cls, needs: Needs) -> SkillNeeds:
        """The wire form of `needs`."""
        return cls(
            bins=list(needs.bins),
            any_bins=list(needs.any_bins),
            env=list(needs.env),
            config=list(needs.config),
            os=list(needs.os),
        )


class SkillRow(Result):
    """One skill. `model_visible`: models are told of it; `command_visible`: `/skill` knows it."""

    name: str
    description: str
    source: str
    bundled: bool = False
    file_path: str
    base_dir: str
    skill_key: str
    emoji: str | None = None
    homepage: str | None = None
    always: bool
    disabled: bool = False
    blocked_by_allowlist: bool = False
    blocked_by_agent_filter: bool = False
    eligible: bool
    platform_incompatible: bool
    model_visible: bool
    user_invocable: bool
    command_visible: bool
    requirements: SkillNeeds
    missing: SkillNeeds
    config_checks: tuple[dict[str, Any], ...] = ()
    install: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, skill: Skill, *, allowed: bool) -> SkillRow:
        """The row of `skill` for an agent that is `allowed` to have it."""
        is_usable = skill.is_eligible and allowed
        return cls(
            name=skill.file.name,
            description=skill.file.description,
            source=skill.source,
            file_path=str(skill.path),
            base_dir=str(skill.path.parent),
            skill_key=skill.file.name,
            emoji=skill.file.emoji,
            homepage=skill.file.homepage,
            always=skill.file.always,
            disabled=skill.disabled,
            blocked_by_agent_filter=not allowed,
            model_visible=is_usable and skill.file.for_model,
            user_invocable=skill.file.for_people,
            command_visible=is_usable and skill.file.for_people,
            eligible=skill.is_eligible,
            platform_incompatible=not skill.is_here,
            requirements=SkillNeeds.of(skill.file.needs),
            missing=SkillNeeds.of(skill.missing),
        )


class SkillsStatus(Result):
    """The answer of `skills.status`."""

    workspace_dir: str
    managed_skills_dir: str
    agent_id: str
    skills: list[SkillRow]


@method("skills.status", scope="operator.read")
async def skills_status(call: Call, params: SkillsStatusParams) -> SkillsStatus:
    """The skills that an agent finds, and what each still needs."""
    gateway = call.gateway
    agent = gateway.roster.get(params.agent_id)
    shelf = Shelf.of(gateway.instance, gateway.snapshot)
    return SkillsStatus(
        workspace_dir=str(agent.workspace),
        managed_skills_dir=str(managed_dir(gateway.instance.state_dir)),
        agent_id=agent.id,
        skills=[
            SkillRow.of(skill, allowed=shelf.is_allowed(agent.id, skill.file.name))
            for skill in await shelf.found(Path(agent.workspace))
        ],
    )


class SearchParams(Params):
    """What to look for."""

    query: str | None = None
    limit: int = Field(default=20, ge=1, le=100)


class Found(Result):
    """The answer of `skills.search`."""

    results: list[dict[str, Any]]


@method("skills.search", scope="operator.read")
async def search_skills(call: Call, params: SearchParams) -> Found:
    """Skills that could be installed: none, this gateway asks no catalog for them."""
    return Found(results=[])


class Library(Result):
    """The answer of `skills.library.list`: skills that people of one gateway share, which here nobody does."""

    keeps_none: ClassVar[bool] = True

    entries: list[dict[str, Any]]
    profile_id: str | None
    multiple_profiles: bool
    default_target: str
    can_manage_workspace: bool
    default_selection_limit: int


@method("skills.library.list", scope="operator.read")
async def list_library(call: Call, params: NoParams) -> Library:
    """The shared library: empty, and nothing can be put there."""
    return Library(
        entries=[],
        profile_id=None,
        multiple_profiles=False,
        default_target="workspace",
        can_manage_workspace=False,
        default_selection_limit=64,
    )


class Bins(Result):
    """The answer of `skills.bins`."""

    bins: list[str]


@method("skills.bins", scope=None, role="node")
async def skill_bins(call: Call, params: NoParams) -> Bins:
    """The programs that skills of any agent need: what a node looks for on its own machine."""
    needed: set[str] = set()
    shelf = Shelf.of(call.gateway.instance, call.gateway.snapshot)
    for agent in call.gateway.roster.agents.values():
        for skill in await shelf.found(Path(agent.workspace)):
            needed.update(skill.file.needs.bins, skill.file.needs.any_bins)
    return Bins(bins=sorted(needed))
