"""As much of a conversation as a model is shown: in order, without orphans, within its window. Decides only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from clawfleet.core.messages import Message, ToolCall, cut_off
from clawfleet.sessions.model import Entry

CHARS_PER_TOKEN = 3.5
"""A careful guess for budgeting; providers count exactly and report it afterwards."""

RESERVE_TOKENS = 20_000
RESERVE_SHARE = 0.25
"""Kept free for the answer, whichever is less."""

TRIMMED_FROM = 4_000
TRIMMED_TO = 1_500
"""A tool's result longer than the one is shown with so much of both its ends, when room is needed."""

SUMMARY_HEAD = "Summary of the conversation so far; what came before it is not repeated:"


def room(context_tokens: int) -> int:
    """The tokens that a question may have, everything counted."""
    return context_tokens - min(RESERVE_TOKENS, int(context_tokens * RESERVE_SHARE))


def tokens(text_chars: int) -> int:
    """A careful guess of the tokens of so many characters."""
    return int(text_chars / CHARS_PER_TOKEN)


def weight(message: Message) -> int:
    """A careful guess of a message's tokens."""
    calls = sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return tokens(len(message.text) + calls + 1500 * len(message.images)) + 4


def fitting(before: Sequence[Message], own: Sequence[Message], most_tokens: int) -> tuple[Message, ...]:
    """What of a conversation fits into `most_tokens`, mended so that every provider takes it.

    `own` is what the turn itself has said, its question first: all of it stays, but when it alone is too much, long
    results before the last step are trimmed. Of `before` the newest part stays.
    """
    left = most_tokens - sum(map(weight, own))
    if left < 0:
        own = trimmed(own)
        left = most_tokens - sum(map(weight, own))
    kept: list[Message] = []
    for message in reversed(before):
        left -= weight(message)
        if left < 0:
            break
        kept.append(message)
    kept.reverse()
    return mend((*kept, *own))


def trimmed(own: Sequence[Message]) -> tuple[Message, ...]:
    """A turn so far with the long results of its earlier steps shortened; the newest step stays as it is."""
    last = max((number for number, message in enumerate(own) if message.role == "assistant"), default=0)
    return tuple(_trim(message) if number < last else message for number, message in enumerate(own))


def _trim(message: Message) -> Message:
    if message.role != "tool" or len(message.text) <= TRIMMED_FROM:
        return message
    text = message.text
    lost = len(text) - 2 * TRIMMED_TO
    return replace(
        message, text=f"{text[:TRIMMED_TO]}\n[... {lost} characters left out here ...]\n{text[-TRIMMED_TO:]}", images=()
    )


def mend(messages: Sequence[Message]) -> tuple[Message, ...]:
    """`messages` without orphans: results stand behind their calls in the calls' order; where one is missing, one
    says so; stray results are dropped."""
    mended: list[Message] = []
    owed: list[ToolCall] = []
    paid: dict[str, Message] = {}

    def pay() -> None:
        for call in owed:
            mended.append(paid.get(call.id) or cut_off(call))
        owed.clear()
        paid.clear()

    for message in messages:
        if message.role == "tool":
            call_id = message.tool_call_id or ""
            if call_id not in paid and any(call.id == call_id for call in owed):
                paid[call_id] = message
            continue
        pay()
        if message.role == "assistant" and not message.text and not message.tool_calls:
            continue  # stands for a run that failed; providers refuse empty messages
        mended.append(message)
        owed.extend(message.tool_calls)
    pay()
    return tuple(mended)


def as_said_to(run_id: str, entries: Sequence[Entry]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """The transcript as run `run_id` should see it: earlier runs whole and in order, and its own part.

    Messages are kept in order of arrival, so an answer may stand behind a later question. Questions that came
    after this run's own are left out, so are commands and their answers. What a compaction took away is not there;
    its summary comes first.
    """
    summary = next((entry for entry in reversed(entries) if entry.kind == "compaction"), None)
    entries = [entry for entry in entries if entry.kind in (None, "injected")]
    first: dict[str, int] = {}
    for entry in entries:
        first.setdefault(entry.run_id or entry.entry_id, entry.seq)
    mine = first.get(run_id)
    if mine is not None:
        entries = [entry for entry in entries if first[entry.run_id or entry.entry_id] <= mine]
        entries.sort(key=lambda entry: (first[entry.run_id or entry.entry_id], entry.seq))
    before = tuple(entry.message for entry in entries if entry.run_id != run_id)
    own = tuple(entry.message for entry in entries if entry.run_id == run_id)
    if summary is not None:
        before = (Message("user", f"{SUMMARY_HEAD}\n\n{summary.message.text}"), *before)
    return before, own


def without_images(messages: Sequence[Message]) -> tuple[Message, ...]:
    """`messages` for a model that cannot see: each picture becomes a line that says it was there."""
    return tuple(
        replace(
            message,
            images=(),
            text="\n".join([message.text, *["[image omitted: the model is text-only]"] * len(message.images)]),
        )
        if message.images
        else message
        for message in messages
    )
