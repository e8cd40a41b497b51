"""Tool calls as they arrive in pieces: names once, JSON arguments bit by bit, several calls interleaved. Pure.

Source: models-and-auth §4.4 and trap 5.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field

from clawfleet.core.messages import ToolCall
from clawfleet.core.text import whole_characters

MAX_ARGUMENT_CHARS = 256 * 1024
MAX_CALLS = 128


class BrokenToolCall(ValueError):
    """A tool call that must not be executed; says in what way it is broken."""


@dataclass(slots=True)
class _Open:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    size: int = 0


class ToolPieces:
    """Gathers the calls of one reply. Nothing leaves before `complete()`, so nothing partial is ever executed."""

    def __init__(self) -> None:
        self._calls: list[_Open] = []
        self._by_index: dict[int, _Open] = {}
        self._by_id: dict[str, _Open] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, *, index: int | None = None, call_id: str = "", name: str = "", arguments: str = "") -> None:
        """One piece. It belongs to the call with its index, else with its id; else a name starts a new call.

        Raises `BrokenToolCall` when a reply holds too many calls or too long arguments.
        """
        call = self._find(index, call_id, name) or self._start(index, call_id)
        call.name = call.name or name
        if call_id and not call.id:
            call.id = call_id
            self._by_id[call_id] = call
        call.arguments.append(arguments)
        call.size += len(arguments)
        if call.size > MAX_ARGUMENT_CHARS:
            raise BrokenToolCall(f"the arguments of {call.name or 'a call'} are longer than {MAX_ARGUMENT_CHARS}")

    def complete(self) -> list[ToolCall]:
        """The calls in the order they began, with unique ids. Raises `BrokenToolCall` when one is not whole."""
        taken: set[str] = set()
        calls = []
        for call in self._calls:
            call_id = call.id if call.id and call.id not in taken else f"call{secrets.token_hex(12)}"
            taken.add(call_id)
            calls.append(ToolCall(call_id, call.name, _object_text(call)))
        return calls

    def _find(self, index: int | None, call_id: str, name: str) -> _Open | None:
        if index is not None:
            call = self._by_index.get(index)
            # Some servers send every parallel call under index 0, each whole and with its own id.
            is_another = call is not None and call_id and name and call.id and call.id != call_id
            return None if is_another else call
        if call_id:
            return self._by_id.get(call_id)
        return self._calls[-1] if self._calls and not name else None

    def _start(self, index: int | None, call_id: str) -> _Open:
        if len(self._calls) >= MAX_CALLS:
            raise BrokenToolCall(f"more than {MAX_CALLS} tool calls in one reply")
        call = _Open(call_id)
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        if call_id:
            self._by_id[call_id] = call
        return call


def _object_text(call: _Open) -> str:
    """The arguments as the text of a JSON object; no text at all means `{}`."""
    text = whole_characters("".join(call.arguments)).strip() or "{}"
    try:
        is_object = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not call.name or not is_object:
        raise BrokenToolCall(
            f"{call.name or 'a call'} came {'incomplete or malformed' if call.name else 'without a name'}"
        )
    return text
