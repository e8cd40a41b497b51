"""`apply_patch`: several files changed by one patch, all or none. Source: tools-and-sessions §2 and §2.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AliasChoices, Field

from clawfleet.core.errors import ToolError
from clawfleet.core.messages import ToolSpec
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.files.access import Change, FileAccess, FileMissing, Files
from clawfleet.tools.files.edit import text_of
from clawfleet.tools.files.patch_lines import patched
from clawfleet.tools.files.patch_text import Added, Deleted, Step, Updated, read_patch
from clawfleet.tools.seat import Seat


class PatchArguments(Arguments):
    """What a model may ask of apply_patch."""

    input: Annotated[
        str,
        Field(
            min_length=1,
            validation_alias=AliasChoices("input", "patch"),
            description="The patch, from '*** Begin Patch' to '*** End Patch'.",
        ),
    ]


class PatchTool:
    """Patches files of the session."""

    spec = ToolSpec(
        name="apply_patch",
        description=(
            "Change several text files by one patch, all or none. Between '*** Begin Patch' and '*** End Patch' stand "
            "'*** Add File: path' (lines with +), '*** Delete File: path', '*** Update File: path' (may be followed by "
            "'*** Move to: path'), then hunks: '@@' with an optional line that stands above, then lines with ' ', '-' "
            "or '+'; '*** End of File' after a hunk that ends the file."
        ),
        parameters=PatchArguments.parameters(),
    )

    def __init__(self, access: FileAccess, *, confined: bool) -> None:
        """`confined`: nothing beyond the workspace, even when other tools may."""
        self._access = access
        self._confined = confined

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """Which files were added, modified and deleted. Raises `ToolError`; nothing was changed then."""
        steps = read_patch(PatchArguments.read(self.spec.name, arguments).input)
        async with self._access.changing:
            files = self._access.of(context, confined=self._confined)
            plan = _Plan(files)
            for step in steps:
                await plan.take(step)
            await files.commit(plan.changes())
        return _result(plan)


def for_seat(seat: Seat) -> PatchTool | None:
    """Not where nothing can be written, nor where it is switched off, be it for this model."""
    settings = seat.config.tools.exec.apply_patch
    wanted = [each.strip().lower() for each in settings.allow_models]
    model = (seat.model or "").lower()
    is_for_model = not wanted or not model or model in wanted or model.partition("/")[2] in wanted
    if not settings.enabled or not seat.files.writable or not is_for_model:
        return None
    return PatchTool(seat.files, confined=settings.workspace_only)


@dataclass(slots=True)
class _File:
    """One file of a plan: what is on disk (None: nothing) and what is to be there (None: nothing)."""

    before: bytes | None
    after: str | None


class _Plan:
    """What the steps so far make of the files; a later step sees what an earlier one did."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[str, _File] = {}
        self.summary: dict[str, list[str]] = {"added": [], "modified": [], "deleted": []}

    async def take(self, step: Step) -> None:
        """Take one more step. Raises `ToolError` when it does not fit."""
        match step:
            case Added(path, text):
                await self._arrive(path, text)
                self._note("added", path)
            case Deleted(path):
                (await self._existing(path)).after = None
                self._note("deleted", path)
            case Updated(path, move_to, hunks):
                file = await self._existing(path)
                text = patched(path, file.after or "", hunks) if hunks else file.after or ""
                file.after = text
                if move_to is not None and move_to != path:
                    file.after = None
                    await self._arrive(move_to, text)
                self._note("modified", move_to or path)

    def changes(self) -> list[Change]:
        """What is to be done on disk; new files before old ones go."""
        changes = [
            Change(path, None if file.after is None else file.after.encode(), file.before is None, file.before)
            for path, file in self._known.items()
            if (file.before, file.after) != (None, None)
        ]
        return sorted(changes, key=lambda change: change.data is None)

    async def _existing(self, path: str) -> _File:
        file = await self._file(path)
        if file.after is None:
            raise FileMissing(f"File not found: {path}")
        return file

    async def _arrive(self, path: str, text: str) -> None:
        file = await self._file(path)
        if file.after is not None:
            raise ToolError(f"File already exists: {path}. Delete it earlier in the patch, or update it.")
        file.after = text

    async def _file(self, path: str) -> _File:
        if path not in self._known:
            try:
                data = await self._files.fetch(path)
            except FileMissing:
                self._known[path] = _File(None, None)
            else:
                self._known[path] = _File(data, text_of(path, data))
        return self._known[path]

    def _note(self, what: str, path: str) -> None:
        if path not in self.summary[what]:
            self.summary[what].append(path)


def _result(plan: _Plan) -> ToolResult:
    marks: Sequence[tuple[str, str]] = (("A", "added"), ("M", "modified"), ("D", "deleted"))
    lines = [f"{mark} {path}" for mark, what in marks for path in plan.summary[what]]
    text = "\n".join(["Success. Updated the following files:", *lines])
    return ToolResult(text, details={"summary": {what: list(paths) for what, paths in plan.summary.items()}})
