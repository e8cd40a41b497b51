"""What the model thinks during one call, told while it arrives, in a session that shows it."""

from __future__ import annotations

from clawfleet.agents.events import ReasoningGrew
from clawfleet.agents.run import Run
from clawfleet.agents.words import Words
from clawfleet.models.failover import Switched
from clawfleet.models.providers.base import Event, ReasoningDelta


class Reasoning:
    """The reasoning of one model call. Thoughts that come after words are told as new ones."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._words: Words | None = None

    def hear(self, event: Event | Switched) -> None:
        """Tell what `event` adds; any other event than reasoning ends what was thought so far."""
        if self._run.reasoning == "off":
            return
        if isinstance(event, ReasoningDelta):
            self._words = self._words or Words()
            if new := self._words.hear(event.text):
                self._tell(self._words, new, is_whole=False)
        elif self._words is not None:
            self._tell(self._words, self._words.rest(), is_whole=True)
            self._words = None

    def _tell(self, words: Words, new: str, *, is_whole: bool) -> None:
        self._run.emit(ReasoningGrew(words.told, new, self._run.reasoning, is_whole))
