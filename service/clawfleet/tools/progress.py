"""What of a tool's result says that something moved on: two results with the same outcome brought nothing new. Pure.

Times, process ids, generated ids and the like change every time and mean nothing. Source: tools-and-sessions §4.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

_NONCE = re.compile(r'(<<<(?:END_)?EXTERNAL_UNTRUSTED_CONTENT id=\\*")[0-9a-f]+')
_VOLATILE = (
    re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"),
    re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"),
    re.compile(r"\b\d+(?:\.\d+)?\s?(?:ms|s|sec|secs|seconds|milliseconds|minutes)\b", re.IGNORECASE),
    re.compile(r"\b(?:pid|process)[ =:#]*\d+", re.IGNORECASE),
    re.compile(r"\b(?:attempt|retry|try)[ =:#]*\d+(?:\s*(?:/|of)\s*\d+)?", re.IGNORECASE),
)
"""In what a command says that failed: when, how long, which process, which attempt."""
_EXEC_FACTS = ("status", "exitCode", "exitSignal", "timedOut")
_STARTED = re.compile(r"\(session [a-z0-9-]+, pid \d+\)")
_SENDERS = frozenset({"message", "sessions_send", "conversations_send"})
_SENT = frozenset(
    {"messageId", "message_id", "messageIds", "id", "runId", "fileId", "timestamp", "ts", "date", "sentAt"}
)
"""What a platform makes up for every message that is sent."""


def outcome_of(tool: str, arguments: Mapping[str, object], text: str, details: Mapping[str, object]) -> str:
    """One text for results between which nothing moved on."""
    told = _NONCE.sub(r"\1", text)
    if tool == "exec":
        told = _of_command(told, details)
    elif tool in _SENDERS:
        told = _of_sending(told)
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()


def _of_command(text: str, details: Mapping[str, object]) -> str:
    """What a command said and how it ended; where it failed, without what differs each time."""
    facts = {key: details.get(key) for key in _EXEC_FACTS}
    text = _STARTED.sub("(running)", text)
    if facts["status"] == "failed" or facts["exitCode"] not in (0, None):
        for pattern in _VOLATILE:
            text = pattern.sub("#", text)
    return json.dumps([facts, text], default=str)


def _of_sending(text: str) -> str:
    try:
        return json.dumps(_without_ids(json.loads(text)), sort_keys=True)
    except ValueError:
        return text


def _without_ids(node: object) -> object:
    if isinstance(node, Mapping):
        return {key: _without_ids(value) for key, value in node.items() if key not in _SENT}
    return [_without_ids(each) for each in node] if isinstance(node, list) else node
