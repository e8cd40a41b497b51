"""`edit`: exact text of a file replaced, each piece once and only where it is unmistakable.

Source: tools-and-sessions §2 and §2.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from clawfleet.core.errors import ToolError
from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments, FilePath
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.files.access import Change, FileAccess
from clawfleet.tools.files.changes import details_of
from clawfleet.tools.seat import Seat

MOST_SHOWN = 4_000
"""Characters of a file that a model is reminded of when its edit did not fit."""
OLD = ("oldText", "old_string", "old_text", "oldString")
NEW = ("newText", "new_string", "new_text", "newString")


class Replacement(BaseModel):
    """One piece of text and what comes in its place."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    old_text: Annotated[
        str, Field(min_length=1, validation_alias=AliasChoices(*OLD), description="Text in the file, exactly; once.")
    ]
    new_text: Annotated[str, Field(validation_alias=AliasChoices(*NEW), description="What stands there afterwards.")]


class EditArguments(Arguments):
    """What a model may ask of edit. A single replacement may stand beside `path` instead of in `edits`."""

    path: FilePath
    edits: Annotated[tuple[Replacement, ...], Field(min_length=1, description="All found in the file as it is now.")]

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        edits = given.get("edits")
        if isinstance(edits, str):  # some models write the list as a text
            with suppress(ValueError):
                edits = json.loads(edits)
        flat = {key: value for key, value in given.items() if key in (*OLD, *NEW)}
        rest = {key: value for key, value in given.items() if key not in flat}
        if flat:
            return {**rest, "edits": [*(edits if isinstance(edits, list) else ()), flat]}
        return rest if edits is None else {**rest, "edits": [edits] if isinstance(edits, dict) else edits}


class EditTool:
    """Edits files of the session."""

    spec = ToolSpec(
        name="edit",
        description=(
            "Replace exact pieces of a text file. Each oldText must stand in the file exactly once, "
            "white space included; the pieces must not overlap."
        ),
        parameters=EditArguments.parameters(),
    )

    def __init__(self, access: FileAccess) -> None:
        self._access = access

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """How many pieces were replaced: all of them or none. Raises `ToolError`."""
        asked = EditArguments.read(self.spec.name, arguments)
        async with self._access.changing:
            files = self._access.of(context)
            before = await files.fetch(asked.path)
            text = text_of(asked.path, before)
            after = replaced(asked.path, text, asked.edits)
            await files.commit([Change(asked.path, after.encode(), over=before)])
        details = details_of(asked.path, text, after, created=False)
        return ToolResult(f"Successfully replaced {len(asked.edits)} block(s) in {asked.path}.", details=details)


def for_seat(seat: Seat) -> EditTool | None:
    """Not where nothing can be written."""
    return EditTool(seat.files) if seat.files.writable else None


def text_of(path: str, data: bytes) -> str:
    """The file's text. Raises `ToolError` when it is none: what cannot be read must not be written back."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ToolError(f"{path} is not a text file in UTF-8; it was not changed.") from None


def replaced(path: str, text: str, edits: Sequence[Replacement]) -> str:
    """`text` with every edit done. Where the file ends its lines with CR LF, the model need not."""
    has_returns = "\r\n" in text
    spans: list[tuple[int, int, str]] = []
    for index, edit in enumerate(edits):
        old, new = edit.old_text, edit.new_text
        if has_returns and old not in text:
            old = _with_returns(old)
        if has_returns and ("\n" not in old or "\r\n" in old):
            new = _with_returns(new)
        which = "the exact text" if len(edits) == 1 else f"the exact text of edits[{index}]"
        found = text.count(old)
        if not found:
            raise ToolError(
                f"Could not find {which} in {path}. "
                f"The old text must match exactly including all whitespace and newlines.\n{_reminder(text)}"
            )
        if found > 1:
            where = "the text" if len(edits) == 1 else f"the text of edits[{index}]"
            raise ToolError(
                f"Found {found} occurrences of {where} in {path}. The text must be unique. "
                "Give more of what stands around it."
            )
        start = text.index(old)
        spans.append((start, start + len(old), new))
    return _put_together(path, text, sorted(spans))


def _put_together(path: str, text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, stop, new in spans:
        if start < at:
            raise ToolError(f"Two edits overlap in {path}. Make one of them.")
        parts += [text[at:start], new]
        at = stop
    after = "".join([*parts, text[at:]])
    if after == text:
        raise ToolError(f"No changes made to {path}: the new text is the same as the old.")
    return after


def _with_returns(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _reminder(text: str) -> str:
    shown = text[:MOST_SHOWN]
    more = f"\n[... {len(text) - MOST_SHOWN} more characters]" if len(text) > MOST_SHOWN else ""
    return f"Current content of the file:\n{shown}{more}"
