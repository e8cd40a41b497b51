"""What a model is sent: the system prompt, and as much of the conversation as fits. Decides only; reads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clawfleet.core.messages import Message, ToolCall
from clawfleet.sessions.model import Entry

CHARS_PER_TOKEN = 3.5
"""A careful guess for budgeting; providers count exactly and report it afterwards."""

REPLY_SHARE = 0.25
"""Part of the context window that is kept free for the answer."""

INTERRUPTED = "(interrupted: the gateway stopped before this tool had finished)"


def system_prompt(
    *, agent_name: str | None, workspace: str, files: Mapping[str, str], tools: Sequence[str], extra: str | None
) -> str:
    """The system message: who answers, where it works, what it may call, then the workspace's own files."""
    who = f"You are {agent_name}, a personal assistant" if agent_name else "You are a personal assistant"
    parts = [f"{who} reached through an OpenClaw-compatible gateway.", f"Your workspace is {workspace}."]
    if tools:
        parts.append(f"You may call these tools: {', '.join(tools)}. Say what you did, and quote what matters.")
    parts.extend(f"# {name}\n{text.strip()}" for name, text in files.items())
    if extra:
        parts.append(extra)
    return "\n\n".join(parts)


def conversation(history: Sequence[Message], *, context_tokens: int, used_tokens: int = 0) -> tuple[Message, ...]:
    """The newest part of `history` that fits the window beside `used_tokens`, mended so that every provider takes it.

    The last message always stays. A tool result never stands without its call, nor a call without its result.
    """
    budget = int((context_tokens * (1 - REPLY_SHARE) - used_tokens) * CHARS_PER_TOKEN)
    kept: list[Message] = []
    for message in reversed(history):
        budget -= _weight(message)
        if budget < 0 and kept:
            break
        kept.append(message)
    kept.reverse()
    return mend(kept)


def _weight(message: Message) -> int:
    calls = sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    return len(message.text) + calls + 1500 * len(message.images) + 16


def mend(messages: Sequence[Message]) -> tuple[Message, ...]:
    """`messages` without orphans: an unanswered tool call gets a result that says so, stray results are dropped."""
    mended: list[Message] = []
    owed: dict[str, ToolCall] = {}

    def pay() -> None:
        for call in owed.values():
            mended.append(Message("tool", INTERRUPTED, tool_call_id=call.id, tool_name=call.name, is_error=True))
        owed.clear()

    for message in messages:
        if message.role == "tool":
            if owed.pop(message.tool_call_id or "", None) is not None:
                mended.append(message)
            continue
        pay()
        if message.role == "assistant" and not message.text and not message.tool_calls:
            continue  # stands for a run that failed; providers refuse empty messages
        mended.append(message)
        owed.update({call.id: call for call in message.tool_calls})
    pay()
    return tuple(mended)


SUMMARY_HEAD = "Summary of the conversation so far; what came before it is not repeated:"


def as_said_to(run_id: str, entries: Sequence[Entry]) -> tuple[Message, ...]:
    """The transcript as run `run_id` should see it: earlier runs whole and in order, its own part last.

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
    said = tuple(entry.message for entry in entries)
    if summary is None:
        return said
    return (Message("user", f"{SUMMARY_HEAD}\n\n{summary.message.text}"), *said)


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
