"""The seam between a turn and a tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from clawfleet.core.messages import Image, ToolSpec


@dataclass(frozen=True, slots=True)
class ToolContext:
    """In whose name a tool runs.

    `report` tells, while the tool works, how its output ends so far (not only what is new); it may be ignored.
    """

    run_id: str
    session_key: str
    agent_id: str
    workspace: Path
    tool_call_id: str
    report: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the model reads (`text`) and sees (`images`), and what clients are told besides (`details`, JSON-able).

    `last_words` end the turn: they are its answer.
    """

    text: str
    is_error: bool = False
    details: Mapping[str, object] = field(default_factory=dict)
    images: tuple[Image, ...] = ()
    last_words: str | None = None


class Tool(Protocol):
    """One tool. `run` raises `ToolError` for what went wrong and stops its work when cancelled."""

    @property
    def spec(self) -> ToolSpec:
        """Name, description and parameters as a model is told of them."""
        ...

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """Do the work; `arguments` are the model's, validated here."""
        ...
