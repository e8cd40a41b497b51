"""Between rows and shapes: how a message, a session and an input stand in SQLite."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, fields
from typing import Any

from clawfleet.core.messages import Image, Message, ToolCall, Usage
from clawfleet.sessions.model import Choices, Entry, Input, LastRun, Note, Session


def message_to_json(message: Message) -> str:
    """`message` as compact JSON; what is empty is left out."""
    row: dict[str, Any] = {"role": message.role, "text": message.text}
    if message.images:
        row["images"] = [[image.media_type, image.data] for image in message.images]
    if message.tool_calls:
        row["toolCalls"] = [[call.id, call.name, call.arguments] for call in message.tool_calls]
    if message.tool_call_id is not None:
        row["toolCallId"] = message.tool_call_id
    if message.tool_name is not None:
        row["toolName"] = message.tool_name
    if message.is_error:
        row["isError"] = True
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def message_from_json(text: str) -> Message:
    """The inverse of `message_to_json`."""
    row = json.loads(text)
    return Message(
        role=row["role"],
        text=row["text"],
        images=tuple(Image(*image) for image in row.get("images", ())),
        tool_calls=tuple(ToolCall(*call) for call in row.get("toolCalls", ())),
        tool_call_id=row.get("toolCallId"),
        tool_name=row.get("toolName"),
        is_error=row.get("isError", False),
    )


def note_to_json(note: Note | None) -> str | None:
    """`note` as compact JSON; what is None is left out."""
    if note is None:
        return None
    kept = {key: value for key, value in asdict(note).items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def note_from_json(text: str | None) -> Note | None:
    """The inverse of `note_to_json`."""
    if not text:
        return None
    row = json.loads(text)
    if usage := row.pop("usage", None):
        row["usage"] = Usage(**usage)
    return Note(**row)


def session_of(row: sqlite3.Row) -> Session:
    """A row of `sessions`."""
    values = dict(row)
    for claim in ("ephemeral", "unread"):
        values[claim] = bool(values[claim])
    values["choices"] = Choices(
        model=values.pop("chosen_model"),
        **{field.name: values.pop(field.name) for field in fields(Choices) if field.name != "model"},
    )
    run = {name: values.pop(f"run_{name}") for name in ("id", "state", "error", "started_ms", "ended_ms")}
    if run["id"] is not None:
        values["last_run"] = LastRun(run["id"], run["state"], run["error"], run["started_ms"], run["ended_ms"])
    return Session(**values)


def entry_of(row: sqlite3.Row | dict[str, Any]) -> Entry:
    """A row of `entries`."""
    values = dict(row)
    values["message"] = message_from_json(values["message"])
    note = note_from_json(values.pop("meta"))
    return Entry(**values, note=note)


def input_of(row: sqlite3.Row) -> Input:
    """A row of `inputs`."""
    values = dict(row)
    values.pop("settled_at_ms")
    return Input(**values)
