"""How a run's end reads: for the person on a channel, and in transcripts and events."""

from __future__ import annotations

from clawfleet.agents.prompt import SILENT
from clawfleet.agents.run import Outcome
from clawfleet.core.errors import GatewayError

EMPTY_REPLY = "⚠️ Agent couldn't generate a response. Please try again."
CUT_REPLY = "⚠️ Reply truncated at the model's output token limit. Ask to continue it."


def error_text(error: GatewayError) -> str:
    """An error as a user reads it: what happened, then how to mend it."""
    return f"{error.message} ({error.hint})" if error.hint else error.message


def reply_text(outcome: Outcome) -> str:
    """What a person on a channel gets: the answer, or why there is none; empty when it was stopped or is silent."""
    if outcome.error is not None:
        return f"⚠️ {outcome.error.message}"  # its cure is the operator's; it stands in the log
    if outcome.aborted or outcome.visible.strip() == SILENT:
        return ""
    if not outcome.visible.strip():
        return EMPTY_REPLY
    return f"{outcome.visible}\n\n{CUT_REPLY}" if outcome.stop_reason == "length" else outcome.visible


def usage_line(outcome: Outcome, level: str | None) -> str:
    """What an answer ends with where people want to see its tokens; `level` is `tokens` or `full`."""
    if level not in ("tokens", "full") or outcome.model is None:
        return ""
    counted = outcome.usage
    line = f"Usage: {counted.input + counted.cache_read} in / {counted.output} out"
    return f"\n\n{line} · {outcome.model}" if level == "full" else f"\n\n{line}"
