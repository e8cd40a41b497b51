"""What a fake provider must know of its wire API, and what it does alike whatever the wire. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tests.fakes.openai.behaviours import Behaviour, command_in


class Refused(Exception):
    """The request gets an error with this status, in the wire's own form."""

    def __init__(self, message: str, status: int = 400, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


@dataclass(frozen=True)
class Heard:
    """A request as far as a fake cares: `results` are the outputs of tools that it ends with, None for none."""

    model: str
    streams: bool
    text: str
    words: int
    images: int = 0
    results: tuple[str, ...] | None = None
    tools: frozenset[str] = frozenset()
    thinks: bool = False


@dataclass(frozen=True)
class Reply:
    """What to answer: reasoning, text, calls as (id, name, JSON arguments)."""

    id: str
    heard: Heard
    behaviour: Behaviour
    calls: tuple[tuple[str, str, str], ...] = ()
    usage: dict[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The visible answer."""
        return self.behaviour.text or ""

    @property
    def reasoning(self) -> str:
        """What is thought, if the request asks for thinking at all."""
        return self.behaviour.reasoning if self.heard.thinks else ""


class Dialect(Protocol):
    """One wire API as a provider speaks it."""

    name: str
    probe_path: str
    lines: bool
    """Whether a streamed answer is one JSON text a line, instead of events."""

    def key(self, headers: Mapping[str, str]) -> str | None:
        """The key that a request shows."""
        ...

    def hear(self, path: str, body: Any) -> Heard:
        """What a request says. Raises Refused for one that the real provider would answer with 400."""
        ...

    def whole(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        ...

    def frames(self, reply: Reply) -> list[bytes]:
        """The events of a streamed one, the end included."""
        ...

    def error(self, status: int, message: str, kind: str = "") -> dict[str, Any]:
        """The body of an error; also an event in the middle of a stream."""
        ...

    def unfinished(self, frames: list[bytes]) -> list[bytes]:
        """What comes before the end."""
        ...


def settled(told: Behaviour, heard: Heard) -> Behaviour:
    """The behaviour with its open ends closed: what to echo, which command to run, what a tool said."""
    if told.tool:
        if heard.results is not None:
            return replace(told, tool="", text=f"The tool said: {', '.join(heard.results)}")
        if told.tool not in heard.tools:
            return replace(told, tool="", text=f"I was given no tool named {told.tool}.")
        if told.arguments == "{}":
            return replace(told, arguments=json.dumps({"command": command_in(heard.text)}, ensure_ascii=False))
        return told
    if told.text is None:
        seen = f" [{heard.images} image{'s' if heard.images > 1 else ''}]" if heard.images else ""
        return replace(told, text=f"You said: {heard.text}{seen}")
    return told


def cut_up(text: str, behaviour: Behaviour) -> list[str]:
    """A text as it is streamed: word by word, or whole."""
    if not text:
        return []
    return re.findall(r"\s*\S+\s*$|\s*\S+", text) if behaviour.pieces == "words" else [text]


def quartered(text: str) -> list[str]:
    """A JSON text in pieces that are no JSON by themselves."""
    step = max(1, len(text) // 4)
    return [text[start : start + step] for start in range(0, len(text), step)]


def event(content: Mapping[str, Any], name: str = "") -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(content, ensure_ascii=False)}\n\n".encode()
