"""What a chat is told when another model answers than the chosen one, and when that is over: once per change.

Source: models-and-auth §6.3.
"""

from __future__ import annotations

from collections import OrderedDict

from clawfleet.agents.run import Outcome, Run
from clawfleet.models.refs import ModelRef

MOST_SESSIONS = 4096
SHARED_CHATS = frozenset(("group", "channel"))


class FallbackNotices:
    """Remembers which sessions are answered by a fallback, of the latest ones."""

    def __init__(self) -> None:
        self._fallen: OrderedDict[str, ModelRef] = OrderedDict()

    def of(self, run: Run, outcome: Outcome) -> str | None:
        """What is to be said before the answer of `run`; None when nothing has changed, or in a group."""
        requester = run.asked.requester
        if outcome.error or outcome.aborted or outcome.model is None:
            return None
        if requester is not None and requester.chat_type in SHARED_CHATS:
            return None
        before, switched = self._fallen.pop(run.session_key, None), run.switched
        if switched is None:
            return f"↪️ Model Fallback cleared: {outcome.model} (was {before})" if before else None
        self._fallen[run.session_key] = outcome.model
        while len(self._fallen) > MOST_SESSIONS:
            self._fallen.popitem(last=False)
        if before == outcome.model:
            return None
        reason = switched.reason.replace("_", " ")
        return f"↪️ Model Fallback: {outcome.model} (selected {switched.wanted}; {reason})"
