"""`/context`: what fills the model's window in this session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.agents.history import CHARS_PER_TOKEN
from clawfleet.agents.workspace import Limits, files_for, read_files


async def _answer(typed: Typed) -> str:
    wanted = typed.rest.strip().lower() or "list"
    if wanted not in ("list", "detail", "json"):
        return "Usage: /context [list|detail|json]"
    found = await _measured(typed)
    if wanted == "json":
        return json.dumps(found, indent=2, ensure_ascii=False)
    window, used = found["contextWindow"], found["lastInputTokens"]
    lines = [
        "🧠 Context breakdown",
        f"Model: {found['model']}, window {window} tokens, last question {used} ({used * 100 // max(1, window)}%)",
        f"Workspace files: {len(found['files'])}, {_chars(found['files'])}",
        f"Tools: {len(found['tools'])}, schemas of {_chars(found['tools'])}",
        f"Skills: {len(found['skills'])}",
    ]
    if wanted == "detail":
        lines += ["", *(f"file {name}: {_size(chars)}" for name, chars in found["files"].items())]
        lines += [f"tool {name}: {_size(chars)}" for name, chars in found["tools"].items()]
        lines += [f"skill {name}" for name in found["skills"]]
    return "\n".join(lines)


async def _measured(typed: Typed) -> dict[str, Any]:
    session, desk = typed.session, typed.desk
    workspace = Path(desk.roster.get(session.agent_id).workspace)
    files = await asyncio.to_thread(read_files, workspace, files_for(session.key, session.agent_id), Limits())
    tools = desk.toolbox.offered(session.agent_id, session.key, typed.occasion)
    skills = await desk.shelf.usable(session.agent_id, workspace) if desk.shelf else ()
    row = desk.models.catalog.find(typed.model)
    return {
        "model": str(typed.model),
        "contextWindow": row.context_window if row else 0,
        "lastInputTokens": session.context_used,
        "files": {Path(file.path).name: len(file.text) for file in files if file.text is not None},
        "tools": {name: len(json.dumps(tool.spec.parameters)) for name, tool in tools.items()},
        "skills": [skill.file.name for skill in skills],
    }


def _chars(sizes: Mapping[str, int]) -> str:
    return _size(sum(sizes.values()))


def _size(chars: int) -> str:
    return f"{chars} characters (about {round(chars / CHARS_PER_TOKEN)} tokens)"


CONTEXT = Command(
    "context",
    "Explain how the context of this session is filled.",
    "status",
    _answer,
    arguments=(Argument("form", "list, detail or json", ("list", "detail", "json")),),
)
