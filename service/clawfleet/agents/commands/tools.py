"""`/tools`: which tools this session has now, and which keys keep it from more. Source: tools-and-sessions §1.6."""

from __future__ import annotations

from clawfleet.agents.commands.base import Argument, Command, Typed
from clawfleet.tools.explain import Explanation


async def _answer(typed: Typed) -> str:
    session = typed.session
    found = typed.desk.toolbox.explain(session.agent_id, session.key, typed.occasion)
    lines = ["Available tools", "", header(found), ""]
    if typed.rest.strip().lower() != "verbose":
        lines += [", ".join(found.allowed) or "none", "", "Use /tools verbose for descriptions."]
        return "\n".join(lines)
    tools = typed.desk.toolbox.offered(session.agent_id, session.key, typed.occasion)
    lines += [f"{name} - {_first_line(tool.spec.description)}" for name, tool in tools.items()]
    gone = [told.decision for told in found.tools if not told.decision.allowed]
    missing = [f"{name}: cannot work here, {why}" for name, why in (found.absent or {}).items()]
    missing += [f"{each.name}: removed by {each.key}" for each in gone]
    lines += ["", *missing] if missing else []
    return "\n".join(lines)


def header(found: Explanation) -> str:
    """`Profile: full, narrowed by tools.allow (3 of 12)`."""
    profile, by = found.steps[0].layer.profile or "full", ", ".join(found.narrowing)
    return f"Profile: {profile}{f', narrowed by {by}' if by else ''} ({len(found.allowed)} of {found.total})"


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


TOOLS = Command(
    "tools",
    "List the tools of this session.",
    "tools",
    _answer,
    arguments=(Argument("detail", "`verbose` for descriptions, and what removed the others", ("verbose",)),),
)
