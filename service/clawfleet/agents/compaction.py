"""Shortening a conversation: the model sums up what is old, later turns read the summary and what came after it.

The transcript itself keeps everything. Source: tools-and-sessions §9.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from clawfleet.agents import history
from clawfleet.config.models.agents import CompactionSettings
from clawfleet.core.errors import RequestError
from clawfleet.core.messages import Message, Usage
from clawfleet.models.client import Asker, Models
from clawfleet.models.providers.base import Finished, TextDelta
from clawfleet.models.refs import ModelRef, split_pin
from clawfleet.sessions.model import Entry, Note, Session
from clawfleet.sessions.sessions import Sessions

MOST_RESULT_CHARS = 2_000
"""Of one tool's result, in what is summed up."""

TASK = (
    "Sum up the conversation below for yourself, who will carry it on without seeing it. Keep: what the person wants, "
    "decisions and why, facts, names, paths and figures that are still needed, what was tried and failed, what is "
    "still to do. Leave out pleasantries. Write plain text under short headings, in the conversation's language."
)


class CompactionTimedOut(RequestError):
    """The model took too long to sum up."""

    code = "COMPACTION_TIMED_OUT"
    wire_code = "UNAVAILABLE"

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"compaction was stopped after {limit_s:g} seconds",
            hint="try again, raise agents.defaults.compaction.timeoutSeconds, or name a faster model in its model key",
        )


class NoSummary(RequestError):
    """The model had nothing to say about the conversation."""

    code = "COMPACTION_EMPTY"
    wire_code = "UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "the model returned no summary; nothing was changed", hint="try again, or choose another model"
        )


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did. `reason` says why it did nothing; the other fields are empty then."""

    reason: str | None = None
    summary: str = ""
    first_kept_id: str | None = None
    tokens_before: int = 0

    @property
    def done(self) -> bool:
        """Whether anything became shorter."""
        return self.reason is None


class Compaction:
    """Compacts sessions: between their turns, or at the beginning of one."""

    def __init__(self, *, sessions: Sessions, models: Models, settings: CompactionSettings) -> None:
        self._sessions = sessions
        self._models = models
        self._settings = settings

    async def compact(self, session: Session, instructions: str = "", *, before_run: str | None = None) -> Compacted:
        """Sum up what is old in `session`; what run `before_run` said, and all after it, stays.

        Raises `GatewayError` when the model cannot; nothing has changed then.
        """
        catalog = self._models.catalog
        wanted = self._settings.model or session.choices.model
        ref = catalog.resolve(wanted, session.agent_id) if wanted else catalog.default(session.agent_id)
        room = history.room(catalog.row(ref).context_window)
        window = int(room * history.CHARS_PER_TOKEN)
        entries = await self._sessions.transcript(session.session_id, max_chars=4 * window)
        entries = tuple(entry for entry in entries if entry.kind in (None, "injected", "compaction"))
        end = next((at for at, each in enumerate(entries) if before_run and each.run_id == before_run), len(entries))
        old, kept = split(entries[:end], min(self._settings.keep_recent_tokens, room // 2))
        kept += [entry for entry in entries[end:] if entry.kind != "compaction"]
        if not old:
            return Compacted("nothing to compact")
        text = told(old)[-window:]
        task = f"{TASK}\n\nBesides: {instructions}" if instructions else TASK
        question = (Message("system", task), Message("user", text))
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                asker = Asker(session.agent_id, session.session_id, split_pin(wanted or "")[1])
                summary, usage = await self._ask(ref, question, asker)
        except TimeoutError:
            raise CompactionTimedOut(self._settings.timeout_seconds) from None
        if not summary:
            raise NoSummary
        before = sum(history.weight(entry.message) for entry in (*old, *kept))
        note = Note(
            ref.provider, ref.model, "stop", kind="compaction", tokens_before=before, usage=usage,
            first_kept=kept[0].seq if kept else old[-1].seq + 1,
        )  # fmt: skip
        entry = await self._sessions.compacted(session.session_id, summary, note)
        return Compacted(None, summary, kept[0].entry_id if kept else entry.entry_id, before)

    async def _ask(self, ref: ModelRef, question: tuple[Message, ...], asker: Asker) -> tuple[str, Usage]:
        words: list[str] = []
        usage = Usage()
        async with aclosing(self._models.stream(ref, question, asker=asker)) as stream:
            async for event in stream:
                match event:
                    case TextDelta(delta):
                        words.append(delta)
                    case Finished(_, usage):
                        pass
        return "".join(words).strip(), usage


def split(entries: Sequence[Entry], keep_tokens: int) -> tuple[list[Entry], list[Entry]]:
    """What is to be summed up, and what stays: whole exchanges from the end, up to `keep_tokens`, the newest always.

    A conversation that would stay as a whole keeps its newest exchange only, a single exchange is summed up whole.
    An earlier summary always belongs to what is summed up.
    """
    starts = [number for number, entry in enumerate(entries) if entry.message.role == "user" and entry.kind is None]
    if not starts:
        return list(entries), []
    if len(starts) == 1:
        return list(entries), []
    at, left = starts[-1], keep_tokens
    for start, end in zip(reversed(starts), reversed([*starts[1:], len(entries)]), strict=True):
        left -= sum(history.weight(entry.message) for entry in entries[start:end])
        if left < 0:
            break
        at = start
    if not [entry for entry in entries[:at] if entry.kind != "compaction"]:
        at = starts[-1]
    kept = [entry for entry in entries[at:] if entry.kind != "compaction"]
    return [entry for entry in entries if entry.seq < kept[0].seq or entry.kind == "compaction"], kept


def told(entries: Sequence[Entry]) -> str:
    """A conversation as one text to read."""
    parts = []
    for entry in entries:
        message = entry.message
        who = "Earlier summary" if entry.kind == "compaction" else message.role.capitalize()
        text = message.text[:MOST_RESULT_CHARS] if message.role == "tool" else message.text
        calls = "".join(f"\n(calls {call.name} {call.arguments[:MOST_RESULT_CHARS]})" for call in message.tool_calls)
        if text or calls:
            parts.append(f"{who}: {text}{calls}")
    return "\n\n".join(parts)
