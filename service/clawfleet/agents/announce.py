"""What a subagent is told at its beginning, and what its requester is told at its end. Decides only."""

from __future__ import annotations

import re

from clawfleet.sessions.spawns import Spawn, SpawnState

SKIP = "ANNOUNCE_SKIP"
"""A subagent whose answer ends so has nothing to tell."""

_STATES: dict[SpawnState, str] = {
    "running": "still running",
    "done": "completed successfully",
    "failed": "failed",
    "timeout": "stopped because its time was over",
    "killed": "stopped by somebody",
    "lost": "lost: the gateway stopped before it was done",
}
_MARK = re.compile(r"</?\s*prompt-data[^>]{0,40}>", re.IGNORECASE)


def task_text(spawn: Spawn, max_depth: int) -> str:
    """The first message of a subagent."""
    return (
        f"[Subagent Context] You are a subagent (depth {spawn.depth}/{max_depth}) working for {spawn.by_key}. "
        "Nobody reads along and nobody can be asked: do the task, then answer with its result, complete and short. "
        f"Your last answer is handed over as it is; {SKIP} hands over nothing.\n\n[Subagent Task]\n\n{spawn.task}"
    )


def result_text(spawn: Spawn, session_id: str) -> str:
    """The message that tells whoever spawned it how a subagent ended."""
    lines = [
        "[Internal: a subagent has ended; nobody wrote this]",
        "source: subagent",
        f"session_key: {spawn.key}",
        f"session_id: {session_id}",
        f"task: {spawn.label or spawn.task_name or ' '.join(spawn.task.split())[:120]}",
        f"status: {_STATES[spawn.state]}",
    ]
    if spawn.error:
        lines.append(f"error: {spawn.error}")
    if spawn.state == "done":
        result = _MARK.sub("", spawn.result).strip() or "(no text)"
        lines += ["", "<prompt-data>", result, "</prompt-data>", ""]
    lines += [
        f"stats: {stats(spawn)}",
        "",
        "Look at it, go on with what you were doing, and tell the user what matters in your own words. Answer NO_REPLY "
        "when the user need not hear of it.",
    ]
    return "\n".join(lines)


def is_silent(result: str) -> bool:
    """Whether a subagent wants nothing to be told."""
    return result.strip().upper().endswith(SKIP)


def stats(spawn: Spawn) -> str:
    """`runtime 2s • tokens 1.0k (in 1.0k / out 5)`."""
    seconds = max(0, (spawn.ended_at_ms or spawn.created_at_ms) - spawn.created_at_ms) // 1000
    minutes = f"{seconds // 60}m{seconds % 60}s" if seconds >= 60 else f"{seconds}s"
    total = spawn.tokens_in + spawn.tokens_out
    return f"runtime {minutes} • tokens {_short(total)} (in {_short(spawn.tokens_in)} / out {_short(spawn.tokens_out)})"


def _short(count: int) -> str:
    return f"{count / 1000:.1f}k" if count >= 1000 else str(count)
