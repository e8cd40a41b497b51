"""Sessions and messages as tools show them to a model. Pure. Source: tools-and-sessions §10."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from clawfleet.core.messages import Message
from clawfleet.sessions.model import Entry, Session

Kind = Literal["main", "group", "cron", "hook", "node", "other"]

TEXT_LIMIT = 4_000
BYTES_LIMIT = 80_000
CUT = "\n[... cut]"
OMITTED = "[sessions_history omitted: message too large]"


def kind_of(key: str) -> Kind:
    """What its key says of a session."""
    rest = key.split(":")[2:]
    if rest == ["main"]:
        return "main"
    if rest[:1] in (["cron"], ["hook"], ["node"]):
        return rest[0]  # type: ignore[return-value]
    return "group" if {"group", "channel"} & set(rest) else "other"


def is_subagent(key: str) -> bool:
    """Whether a session is the work of a subagent."""
    return ":subagent:" in key


def session_row(session: Session, *, running: bool) -> dict[str, object]:
    """One row of sessions_list; what is not known is left out."""
    last = session.last_run
    parts = session.key.split(":")
    row: dict[str, object | None] = {
        "key": session.key,
        "sessionId": session.session_id,
        "agentId": session.agent_id,
        "kind": kind_of(session.key),
        "channel": parts[2] if {"group", "channel", "direct"} & set(parts[3:]) else "internal",
        "label": session.choices.label,
        "group": session.choices.category,
        "spawnedBy": session.parent_key,
        "archived": session.archived_at_ms is not None,
        "pinned": session.pinned_at_ms is not None,
        "updatedAt": session.updated_at_ms,
        "model": session.choices.model or session.model,
        "contextTokens": session.context_used,
        "totalTokens": session.input_tokens + session.output_tokens,
        "status": "running" if running else last.state if last else "done",
        "abortedLastRun": bool(last and last.state == "killed"),
    }
    return {name: value for name, value in row.items() if value is not None}


@dataclass(frozen=True, slots=True)
class History:
    """Messages within their bounds, oldest first, and what the bounds took away."""

    messages: tuple[Mapping[str, object], ...]
    dropped: int = 0
    cut: bool = False
    redacted: bool = False
    bytes: int = 0


def history_of(entries: Sequence[Entry], redact: Callable[[str], str], *, with_tools: bool) -> History:
    """The entries as messages: texts up to `TEXT_LIMIT`, all of it up to `BYTES_LIMIT`, the newest first to stay."""
    shown = [entry for entry in entries if _is_shown(entry.message, with_tools)]
    kept: list[Mapping[str, object]] = []
    history = History(())
    for entry in reversed(shown):
        row, cut, redacted = _message(entry, redact, with_tools)
        size = len(json.dumps(row, ensure_ascii=False).encode())
        if history.bytes + size > BYTES_LIMIT:
            if kept:
                break
            row, size = {**row, "content": OMITTED}, len(OMITTED)
        kept.append(row)
        history = replace(
            history, cut=history.cut or cut, redacted=history.redacted or redacted, bytes=history.bytes + size
        )
    return replace(history, messages=tuple(reversed(kept)), dropped=len(shown) - len(kept))


def _is_shown(message: Message, with_tools: bool) -> bool:
    if message.role == "tool":
        return with_tools
    return message.role in ("user", "assistant") and bool(message.text or (with_tools and message.tool_calls))


def _message(entry: Entry, redact: Callable[[str], str], with_tools: bool) -> tuple[dict[str, object], bool, bool]:
    message = entry.message
    text = redact(message.text)
    redacted, cut = text != message.text, len(text) > TEXT_LIMIT
    row: dict[str, object] = {
        "id": entry.entry_id,
        "role": "toolResult" if message.role == "tool" else message.role,
        "content": text[:TEXT_LIMIT] + CUT if cut else text,
        "timestamp": entry.at_ms,
    }
    if message.images:
        row["images"] = len(message.images)
    if message.role == "tool":
        row |= {"toolName": message.tool_name, "isError": message.is_error}
    elif with_tools and message.tool_calls:
        row["toolCalls"] = [
            {"name": call.name, "arguments": redact(call.arguments)[:TEXT_LIMIT]} for call in message.tool_calls
        ]
    return row, cut, redacted
