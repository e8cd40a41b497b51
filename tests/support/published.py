"""The published schema of the gateway protocol as a judge of frames: what a gateway sent is held against it by name.

The schema is that of 2026.9.1; today's gateways say more in places (protocol §18.1). What is allowed beyond it stands
in `tests/data/schema_exceptions.json`, each with the recorded frame that proves it, and nowhere else.
"""

from __future__ import annotations

import json
import os
import typing
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from tests.support.npm import cached

PACKAGE = "@openclaw/gateway-protocol@2026.9.1"
EXCEPTIONS = Path(__file__).parents[1] / "data" / "schema_exceptions.json"
ANSWER = ("ok", "payload", "error")
MARK = "__trimmed__"
EVENTS = {
    "agent": "AgentEvent",
    "device.pair.requested": "DevicePairRequestedEvent",
    "device.pair.resolved": "DevicePairResolvedEvent",
    "session.approval": "SessionApprovalEvent",
    "shutdown": "ShutdownEvent",
    "tick": "TickEvent",
}
CHAT_EVENTS = {
    "status": "ChatStatusEvent",
    "delta": "ChatDeltaEvent",
    "final": "ChatFinalEvent",
    "aborted": "ChatAbortedEvent",
    "error": "ChatErrorEvent",
}
RESULTS = {
    "agent.identity.get": "AgentIdentityResult",
    "connect": "HelloOk",
    "device.pair.setupCode": "DevicePairSetupCodeResult",
    "sessions.github.options": "SessionGitHubOptionsResult",
    "sessions.viewers.set": "SessionsViewerPresenceSetResult",
    "tools.github.status": "ToolsGitHubStatusResult",
    "users.github.status": "UsersGitHubStatusResult",
}
"""Those whose definition is not named as its method."""


class Judge:
    """Holds JSON against definitions of the published schema."""

    def __init__(self, schema: Mapping[str, Any], exceptions: frozenset[str]) -> None:
        self.definitions: Mapping[str, Any] = schema["definitions"]
        self.methods: Mapping[str, Any] = schema["methods"]
        self.exceptions = exceptions
        self._compiled: dict[str, Draft7Validator] = {}

    def check(self, name: str, value: Any) -> None:
        """Raise AssertionError with every violation of definition `name`, or of a part: `Snapshot.health`."""
        told = self.violations(name, value)
        assert not told, f"{name} is not what the schema says\n" + "\n".join(f"  {text}" for text in told)

    def violations(self, name: str, value: Any) -> list[str]:
        """What is wrong beyond the exceptions, each as `<definition> <path> <rule> <key>`."""
        return [text for text in self.all_violations(name, value) if text not in self.exceptions]

    def all_violations(self, name: str, value: Any) -> list[str]:
        """What is wrong, exceptions and all."""
        return sorted({text for error in self._of(name).iter_errors(value) for text in _told(name, error)})

    def of_frame(self, frame: Mapping[str, Any], method: str | None = None) -> list[str]:
        """What is wrong about a frame that a gateway sent; `method` is what a response answers."""
        if frame.get("type") == "event":
            told = self.violations("EventFrame", frame)
            return told + [text for name, part in self._parts(frame) for text in self.violations(name, part)]
        told = self.violations("ResponseFrame", frame)
        if not frame.get("ok"):
            return told + self.violations("ErrorShape", frame.get("error"))
        name = self.result_of(method) if method else None
        return told + (self.violations(name, frame.get("payload")) if name else [])

    def of_recorded(self, folder: Path, place: str) -> set[str]:
        """What the bare schema says of the frames of one recorded line, `<file> line <number>`."""
        name, _, number = place.partition(" line ")
        bare = Judge({"definitions": self.definitions, "methods": self.methods}, frozenset())
        return {
            text
            for frame, method in recorded_frames(folder / name, int(number))
            for text in bare.of_frame(frame, method)
        }

    def result_of(self, method: str) -> str | None:
        """The definition of a method's result; None when the schema has none."""
        name = RESULTS.get(method, f"{_joined(method)}Result")
        return name if name in self.definitions else None

    def _parts(self, frame: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        event: str = frame.get("event", "")
        payload: Any = frame.get("payload")
        if event == "chat":
            yield CHAT_EVENTS[payload["state"]], payload
        elif event == "health":
            yield "Snapshot.health", payload
        elif event == "presence":
            yield from (("PresenceEntry", row) for row in payload["presence"])
        elif event in EVENTS:
            yield EVENTS[event], payload

    def _of(self, name: str) -> Draft7Validator:
        found = self._compiled.get(name)
        if found is None:
            definition, _, part = name.partition(".")
            schema = self.definitions[definition]
            found = Draft7Validator(schema["properties"][part] if part else schema)
            self._compiled[name] = found
        return found


def params_of(method: str) -> str:
    """The definition of a method's parameters."""
    return f"{_joined(method)}Params"


def _joined(method: str) -> str:
    return "".join(f"{word[0].upper()}{word[1:]}" for word in method.split("."))


def _told(name: str, error: ValidationError) -> Iterator[str]:
    path = "/".join("*" if isinstance(part, int) else part for part in error.absolute_path) or "."
    rule, instance = error.validator, typing.cast(Any, error.instance)
    schema = typing.cast("dict[str, Any]", error.schema)
    if rule == "additionalProperties":
        yield from (f"{name} {path} unexpected {key}" for key in instance if key not in schema.get("properties", {}))
    elif rule == "required":
        yield from (f"{name} {path} missing {key}" for key in schema["required"] if key not in instance)
    else:
        yield f"{name} {path} {rule}"


@cache
def judge_at_hand() -> Judge | None:
    """The judge, when the published package has been fetched; the contract tests, which run first, fetch it."""
    package = cached(PACKAGE)
    return None if package is None else judge_of(package)


def judge_of(package: Path) -> Judge:
    """The judge of an unpacked package."""
    schema = json.loads((package / "protocol.schema.json").read_text(encoding="utf-8"))
    return Judge(schema, frozenset(row["says"] for row in exceptions()))


def exceptions() -> list[dict[str, str]]:
    """The listed exceptions: what `violations` would say, and the recorded frame that proves it."""
    found: list[dict[str, str]] = json.loads(EXCEPTIONS.read_text(encoding="utf-8"))
    return found


def recordings() -> Path:
    """The folder of recorded traffic that CLAWFLEET_RECORDINGS names; skips the test where there is none."""
    if not (named := os.environ.get("CLAWFLEET_RECORDINGS")):
        pytest.skip("CLAWFLEET_RECORDINGS names no folder of recorded traffic")
    return Path(named)


def recorded_frames(path: Path, number: int) -> Iterator[tuple[dict[str, Any], str | None]]:
    """The gateway's frames on a line, each with the method it answers; what was shortened in them is left out."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:number]]
    asked = {row["frame"]["id"]: row["frame"]["method"] for row in _flat(rows) if row["frame"]["type"] == "req"}
    for row in _flat(rows[-1:]):
        frame = _without_marks(row["frame"])
        if frame["type"] != "req":
            yield frame, row.get("method") or asked.get(frame.get("id", ""))


def _flat(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if "ok" in row and "method" in row:
            yield {
                "method": row["method"],
                "frame": {"type": "res", "id": "1"} | {k: row[k] for k in ANSWER if k in row},
            }
        elif "frames" in row:
            yield from _flat(row["frames"])
        elif isinstance(row.get("frame"), dict):
            yield row


def _without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_marks(item) for key, item in value.items() if key != MARK}
    if isinstance(value, list):
        return [_without_marks(item) for item in value if not (isinstance(item, str) and item.startswith(MARK))]
    return value
