"""What every decoder does alike: read a chunk, show text, gather tool calls, end the answer. Pure."""

from __future__ import annotations

import json
from typing import Any

from clawfleet.core.messages import StopReason, Usage
from clawfleet.models.providers.base import Event, Finished, ReasoningDelta, TextDelta, ToolCalled
from clawfleet.models.providers.failures import MalformedCall, Site, bad_reply, malformed_call
from clawfleet.models.providers.tool_pieces import BrokenToolCall, ToolPieces
from clawfleet.models.providers.visible_text import Surrogates, VisibleText

_JSON = json.JSONDecoder(strict=False)  # some servers leave raw control characters in strings


class Answer:
    """One answer as far as it came. Tool calls come out at the end, whole."""

    def __init__(self, site: Site) -> None:
        self.usage = Usage()
        self._site = site
        self._text = VisibleText()
        self._reasoning = Surrogates()
        self._calls = ToolPieces()

    def read(self, data: bytes) -> dict[str, Any]:
        """The object that a chunk holds; an empty chunk is an empty object. Raises `BadReply`."""
        if not (text := data.strip().decode("utf-8", "replace")):
            return {}
        try:
            chunk: Any = _JSON.decode(text)
        except (ValueError, RecursionError):
            chunk = None
        if not isinstance(chunk, dict):
            raise bad_reply(self._site, "the provider sent a chunk that is not a JSON object.")
        return chunk

    def text(self, piece: object) -> list[Event]:
        """More of the answer; reasoning that models put between `<think>` tags goes apart."""
        return _shown(self._text.feed(piece)) if isinstance(piece, str) and piece else []

    def reasoning(self, piece: object) -> list[Event]:
        """More of the reasoning."""
        if isinstance(piece, str) and piece and (thought := self._reasoning.feed(piece)):
            return [ReasoningDelta(thought)]
        return []

    def call(self, *, index: int | None = None, call_id: str = "", name: str = "", arguments: str = "") -> None:
        """A piece of a tool call, as in `ToolPieces.add`. Raises `BadReply`."""
        try:
            self._calls.add(index=index, call_id=call_id, name=name, arguments=arguments)
        except BrokenToolCall as error:
            raise self._malformed(error) from None

    def end(self, stop: StopReason) -> list[Event]:
        """What remains: held text, tool calls, `Finished`. Raises `BadReply` for calls that must not be executed."""
        events = _shown(self._text.close())
        if self._calls:
            if stop == "length":  # empty or not, these arguments may be cut
                raise bad_reply(
                    self._site,
                    "the answer reached its token limit in the middle of a tool call.",
                    f"raise maxTokens of the model in {self._site.section}.models",
                )
            try:
                events += map(ToolCalled, self._calls.complete())
            except BrokenToolCall as error:
                raise self._malformed(error) from None
            stop = "toolUse"
        elif stop == "toolUse":
            stop = "stop"
        events.append(Finished(stop, self.usage))
        return events

    def _malformed(self, error: BrokenToolCall) -> MalformedCall:
        return malformed_call(self._site, str(error))


def string(value: object) -> str:
    """`value` if it is text, else no text."""
    return value if isinstance(value, str) else ""


def count(value: object) -> int:
    """`value` if it is a positive number of tokens, else 0."""
    return value if isinstance(value, int) and value > 0 else 0


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; what is no list holds none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _shown(split: tuple[str, str]) -> list[Event]:
    shown, thought = split
    events: list[Event] = [ReasoningDelta(thought)] if thought else []
    if shown:
        events.append(TextDelta(shown))
    return events
