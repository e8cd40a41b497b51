"""How a command ended, for the model in words and for clients in details. Source: tools-and-sessions §2.1."""

from __future__ import annotations

from clawfleet.tools.runtime.running import Running


def text_of(running: Running) -> str:
    """The output of a command that is over, and what is to say of its end."""
    return with_ending(running.text().rstrip(), running)


def with_ending(output: str, running: Running) -> str:
    """Part of its output, and what is to say of its end."""
    note = ending_of(running)
    if note is None:
        return output or "(no output)"
    return f"{output or '(no output)'}\n\n{note}" if output or note.startswith("(") else note


def ending_of(running: Running) -> str | None:
    """What is to say of a command's end; None when all went well."""
    end = running.exit
    if running.failure is not None:
        return f"The command could not be run: {running.failure}"
    if running.stopped:
        return "The command was stopped by request."
    if end is None:
        return (
            f"Command timed out after {running.limits.timeout_s:g} seconds. "
            "Call exec again with a larger timeoutSeconds if it needs longer, or split the work."
        )
    if end.signal:
        return f"Command aborted by signal {end.signal}. Something outside the command ended it, or it ended itself."
    return None if end.code == 0 else f"(Command exited with code {end.code})"


def details_of(running: Running) -> dict[str, object]:
    """What clients are told of a command that is over; a non-zero exit code is an end like any other."""
    end = running.exit
    was_cut_off = running.timed_out or running.stopped
    failed = running.timed_out or running.failure is not None or bool(end and end.signal)
    reason = "overall-timeout" if running.timed_out else "manual-cancel" if running.stopped else "exit"
    if end and end.signal:
        reason = "signal"
    details: dict[str, object] = {
        "durationMs": running.duration_ms,
        "aggregated": running.text().rstrip(),
        "cwd": running.cwd,
        "status": "failed" if failed else "completed",
        "exitCode": end.code if end else None,
        "exitSignal": end.signal if end else "SIGTERM" if was_cut_off else None,
        "exitReason": reason,
        "timedOut": running.timed_out,
        "noOutputTimedOut": False,
    }
    return {**details, "failureKind": reason} if failed else details
