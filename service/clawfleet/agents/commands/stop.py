"""`/stop`: whatever runs or waits in the session ends."""

from __future__ import annotations

from clawfleet.agents.commands.base import Command, Typed


async def _answer(typed: Typed) -> str:
    others = [run for run in typed.runs.live(typed.session.key) if run.asked.command is None]
    stopped = [run for run in others if run.abort("stop")]
    if typed.runs.subagents is not None:
        typed.runs.subagents.stop_soon(typed.session.key)
    return "⚙️ Stopped." if stopped else "⚙️ Nothing is running."


STOP = Command("stop", "Stop the current run.", "session", _answer)
