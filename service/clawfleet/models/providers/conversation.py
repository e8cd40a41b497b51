"""What every wire API tells alike of a conversation: text beside pictures, arguments, who may call what. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from clawfleet.core.messages import Image, Message, Thought, ToolCall, ToolSpec
from clawfleet.core.text import read_json
from clawfleet.models.providers.base import Sampling

NO_OUTPUT = "(no output)"


def text_of(message: Message, *, shows: bool) -> str:
    """The text, with a note in the place of each picture that cannot be shown."""
    lost = [] if shows else [f"[{image.media_type} left out: this model reads text only]" for image in message.images]
    return "\n".join((message.text, *lost) if message.text else lost)


def data_url(image: Image) -> str:
    """The picture as a URL."""
    return f"data:{image.media_type};base64,{image.data}"


def arguments_of(call: ToolCall) -> dict[str, Any]:
    """The arguments as an object; what a client's own history holds may be none, and then there are none."""
    try:
        arguments = read_json(call.arguments or "{}")
    except (ValueError, RecursionError):
        return {}
    return arguments if isinstance(arguments, dict) else {}


def own_thoughts(message: Message, origin: str) -> list[Thought]:
    """What this very model thought; another's seals would be refused."""
    return [thought for thought in message.thoughts if thought.origin == origin]


def in_order(tools: Iterable[ToolSpec]) -> list[ToolSpec]:
    """One order whatever the caller's, so that the provider's prompt cache holds."""
    return sorted(tools, key=lambda spec: spec.name)


def choice_of(sampling: Sampling) -> tuple[str, str]:
    """Which tools must be called: `("auto" | "none" | "required", "")`, or `("tool", its name)`."""
    wanted = sampling.tool_choice
    if isinstance(wanted, str):
        return (wanted if wanted in ("none", "required") else "auto"), ""
    if wanted:
        function = wanted.get("function")
        name = function.get("name") if isinstance(function, dict) else wanted.get("name")
        if isinstance(name, str) and name:
            return "tool", name
    return "auto", ""


class WireIds:
    """Ids of tool calls as a wire API takes them: without characters it refuses, and each only once.

    Ids may repeat from turn to turn; a result belongs to the newest call of its id.
    """

    def __init__(self, refused: str, replacement: str) -> None:
        self._refused = re.compile(refused)
        self._replacement = replacement
        self._newest: dict[str, str] = {}
        self._taken: set[str] = set()

    def call(self, call_id: str) -> str:
        """The id of a call."""
        clean = self._refused.sub(self._replacement, call_id) or "call"
        wire, count = clean, 1
        while wire in self._taken:
            count += 1
            wire = f"{clean}{self._replacement}{count}"
        self._taken.add(wire)
        self._newest[call_id] = wire
        return wire

    def result(self, call_id: str) -> str:
        """The id of the call that a result answers."""
        return self._newest.get(call_id) or self._refused.sub(self._replacement, call_id) or "call"
