"""The system prompt: who answers, where it works, what it may call, then the files of its workspace. Decides only.

What changes from turn to turn stands last, so that providers find the beginning in their cache. Source:
tools-and-sessions §6.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from clawfleet.agents.workspace import PromptFile

SILENT = "NO_REPLY"
"""An answer of nothing else is kept and not sent."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a system prompt tells. `place` says where tools work when that is not the workspace on the host."""

    agent_id: str
    agent_name: str | None
    session_key: str
    model: str
    workspace: str
    files: Sequence[PromptFile] = ()
    tools: Sequence[str] = ()
    place: str | None = None
    skills: str | None = None
    theme: str | None = None
    may_be_silent: bool = False
    extra: str | None = None


def system_prompt(scene: Scene, at_ms: int) -> str:
    """The system message of a turn that begins at `at_ms`."""
    who = f"You are {scene.agent_name}, a personal assistant" if scene.agent_name else "You are a personal assistant"
    manner = f" Your manner: {scene.theme}." if scene.theme else ""
    parts = [f"{who} reached through an OpenClaw-compatible gateway.{manner}"]
    if scene.tools:
        parts.append(
            f"## Tooling\nYou may call these tools: {', '.join(scene.tools)}. Say what you did, and quote what matters."
        )
    if scene.skills:
        parts.append(f"## Skills\n{scene.skills}")
    parts.append(f"## Workspace\nYour workspace is {scene.workspace}.")
    if scene.place:
        parts.append(f"## Sandbox\n{scene.place}")
    if scene.may_be_silent:
        parts.append(f"## Silent Replies\nWhen nothing needs to be said, answer with {SILENT} and nothing else.")
    parts.extend(_project_context(scene.files))
    if scene.extra:
        parts.append(scene.extra)
    day = datetime.fromtimestamp(at_ms / 1000, UTC)
    parts.append(
        f"Today is {day:%A %Y-%m-%d} (UTC).\n"
        f"Runtime: agent={scene.agent_id} | session={scene.session_key} | os={platform.system()} | model={scene.model}"
    )
    return "\n\n".join(parts)


def _project_context(files: Sequence[PromptFile]) -> list[str]:
    if not files:
        return []
    parts = ["# Project Context"]
    if any(file.is_cut for file in files):
        parts.append("Some of these files are cut. Read the file itself where you need the rest.")
    for file in files:
        if file.text is None:
            parts.append(f"## {file.path}\n[MISSING] Expected at: {file.path}")
        else:
            end = f"\n[cut here: {len(file.text)} of {file.chars} characters]" if file.is_cut else ""
            parts.append(f"## {file.path}\n{file.text}{end}")
    return parts
