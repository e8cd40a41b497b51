"""An agent's workspace: that it exists, and which of its files every prompt carries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from clawfleet.core.errors import HostError

PROMPT_FILES = ("AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md")
MAX_FILE_CHARS = 20_000
MAX_TOTAL_CHARS = 60_000


class WorkspaceUnusable(HostError):
    """The workspace cannot be made or is not a directory."""

    code = "WORKSPACE_UNUSABLE"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"cannot use workspace {path}: {why}", hint="set agents.defaults.workspace to a directory you own"
        )


def prepare(path: Path) -> Mapping[str, str]:
    """Make the workspace if it is missing and return its prompt files by name, cut to their limits.

    Blocking; raises `WorkspaceUnusable`. A file that is not readable text is left out.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise WorkspaceUnusable(path, error.strerror or str(error)) from error
    files: dict[str, str] = {}
    left = MAX_TOTAL_CHARS
    for name in PROMPT_FILES:
        text = _read(path / name, min(MAX_FILE_CHARS, left))
        if text:
            files[name] = text
            left -= len(text)
    return files


def _read(path: Path, limit: int) -> str | None:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(limit + 1)
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) <= limit else f"{text[:limit]}\n[cut here: the file is longer than {limit} characters]"
