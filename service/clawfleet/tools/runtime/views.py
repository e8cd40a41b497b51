"""What `process` shows of commands: the table, news since the last look, the log by lines."""

from __future__ import annotations

from collections.abc import Sequence

from clawfleet.tools.base import ToolResult
from clawfleet.tools.output import DROPPED
from clawfleet.tools.runtime.endings import details_of, with_ending
from clawfleet.tools.runtime.running import PENDING, Running

LOG_LINES = 200
TAIL = 1_000
WAITS_AFTER_S = 15.0
"""A command that takes input and says nothing for so long probably waits for some."""


def table_of(all_running: Sequence[Running]) -> ToolResult:
    """One line for each."""
    lines = [
        f"{each.id} {each.status:<9} {_span(each.duration_ms):>4} :: {each.name}"
        + (" [waits for input]" if _waits(each) else "")
        for each in all_running
    ]
    details = {"status": "completed", "sessions": [row_of(each) for each in all_running]}
    return ToolResult("\n".join(lines) or "No running or recent sessions.", details=details)


def row_of(running: Running) -> dict[str, object]:
    """One command as clients are told of it."""
    row: dict[str, object] = {
        "sessionId": running.id,
        "status": running.status,
        "name": running.name,
        "command": running.command.line,
        "cwd": running.cwd,
        "startedAt": running.started_at_ms,
        "runtimeMs": running.duration_ms,
        "tail": running.text()[-TAIL:],
        "truncated": not running.output.kept.is_whole,
    }
    if running.over.is_set():
        end = details_of(running)
        kept = ("exitCode", "exitSignal", "exitReason", "timedOut", "noOutputTimedOut")
        return {**row, "endedAt": running.ended_at_ms, **{key: end[key] for key in kept if end[key] is not None}}
    return {**row, **({"pid": running.pid} if running.pid else {}), **_input_of(running)}


def poll_of(running: Running) -> ToolResult:
    """What it printed since the last poll, and whether it still runs. A failure is told as one."""
    text, was_cut = running.pending.take()
    if was_cut:
        note = DROPPED if not running.output.kept.is_whole else f"[only the last {PENDING} characters; see log]"
        text = f"{note}\n{text}"
    shown = text.rstrip() or "(no new output)"
    if not running.over.is_set():
        hint = _hint(running) or "Process still running."
        details = {"status": "running", "sessionId": running.id, "name": running.name, "aggregated": running.text()}
        return ToolResult(f"{shown}\n\n{hint}", details={**details, **_input_of(running)})
    return _ended(running, shown)


def log_of(running: Running, offset: int | None, limit: int | None) -> ToolResult:
    """Lines of all that is kept; the last ones when neither `offset` nor `limit` is given."""
    lines = running.text().splitlines()
    first = max(0, len(lines) - LOG_LINES) if offset is None and limit is None else offset or 0
    stop = len(lines) if limit is None else first + limit
    chosen = lines[first:stop]
    text = "\n".join(chosen) or "(no output)"
    if len(chosen) < len(lines):
        text += f"\n\n[lines {first}-{first + len(chosen) - 1} of {len(lines)}; choose others by offset and limit]"
    if hint := _hint(running):
        text += f"\n\n{hint}"
    details = {**row_of(running), "totalLines": len(lines), "output": text}
    return ToolResult(text, details=details)


def _ended(running: Running, shown: str) -> ToolResult:
    how = details_of(running)
    if running.exit is not None and running.exit.code is not None:
        text = f"{shown}\n\nProcess exited with code {running.exit.code}."
    else:
        text = with_ending(shown, running)
    details = {**how, "sessionId": running.id, "name": running.name}
    return ToolResult(text, is_error=how["status"] == "failed", details=details)


def _waits(running: Running) -> bool:
    return running.takes_input and running.idle_s >= WAITS_AFTER_S


def _input_of(running: Running) -> dict[str, object]:
    return {
        "stdinWritable": running.takes_input,
        "waitingForInput": _waits(running),
        "idleMs": round(running.idle_s * 1000),
        "lastOutputAt": running.heard_at_ms,
    }


def _hint(running: Running) -> str | None:
    if not _waits(running):
        return None
    return (
        f"No new output for {_span(round(running.idle_s * 1000))}; it may wait for input. "
        "Use process write, send-keys, submit or paste."
    )


def _span(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    if seconds < 60:
        return f"{seconds}s"
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes}m{seconds:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"
