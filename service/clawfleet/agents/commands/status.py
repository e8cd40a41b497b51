"""`/status`: which model answers, how full the context is, what runs."""

from __future__ import annotations

from clawfleet import __version__
from clawfleet.agents.commands.base import Command, Live, Typed
from clawfleet.models.catalog import Catalog
from clawfleet.models.thinking import default_level
from clawfleet.sessions.model import Session


def card(session: Session, catalog: Catalog, runs: Live) -> str:
    """What there is to say of a session, a line each."""
    chosen = session.choices.model
    ref = catalog.resolve(chosen) if chosen else catalog.default(session.agent_id)
    row = catalog.find(ref)
    window = row.context_window if row else 0
    share = f" ({session.context_used * 100 // window}%)" if window else ""
    others = [run for run in runs.live(session.key) if run.asked.command is None]
    lines = [
        f"🦞 Clawfleet {__version__}",
        f"🧠 Model: {ref}{' (chosen for this session)' if chosen else ''}",
        f"💭 Thinking: {session.choices.thinking or default_level(row)}",
        f"🧮 Tokens: {_short(session.input_tokens)} in / {_short(session.output_tokens)} out",
        f"📚 Context: {_short(session.context_used)}/{_short(window)}{share} · 🧹 Compactions: {session.compactions}",
        f"🧵 Session: {session.key}",
        f"🏃 Runs: {len(others) or 'none'}",
        "🪢 Queue: followup",
    ]
    if problem := catalog.problem(ref):
        lines.append(f"⚠️ {problem}")
    return "\n".join(lines)


def _short(tokens: int) -> str:
    return f"{tokens / 1000:.1f}k".replace(".0k", "k") if tokens >= 1000 else str(tokens)


async def _answer(typed: Typed) -> str:
    return card(typed.session, typed.desk.models.catalog, typed.runs)


STATUS = Command("status", "Show session status.", "status", _answer)
