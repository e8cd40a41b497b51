"""An agent's workspace: that it exists, and which of its files every prompt carries. Blocks on the disk.

Source: tools-and-sessions §6.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clawfleet.core.errors import HostError

PROMPT_FILES = ("AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md", "BOOTSTRAP.md", "MEMORY.md")
"""In the order in which a prompt carries them."""
REQUIRED = "AGENTS.md"
"""Where it is missing, the prompt says so."""
FOR_SUBAGENTS = ("AGENTS.md",)
USER_CHARS = 4_000
"""What USER.md may take at most, whatever is configured."""
MOST_READ = 1024 * 1024
"""Characters that are read of one file; its length is told as at most that."""


class WorkspaceUnusable(HostError):
    """The workspace cannot be made or is not a directory."""

    code = "WORKSPACE_UNUSABLE"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"cannot use workspace {path}: {why}", hint="set agents.defaults.workspace to a directory you own"
        )


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One file as a prompt carries it. `text` is None when it is not there; `chars` is its whole length."""

    path: Path
    text: str | None
    chars: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether the prompt has a part of it only."""
        return self.text is not None and len(self.text) < self.chars


@dataclass(frozen=True, slots=True)
class Limits:
    """Most characters of one file, and of all together."""

    per_file: int = 20_000
    total: int = 60_000


def prepare(path: Path) -> None:
    """Make the workspace if it is missing. Raises `WorkspaceUnusable`."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise WorkspaceUnusable(path, error.strerror or str(error)) from error


def files_for(session_key: str, agent_id: str) -> tuple[str, ...]:
    """Which files a session's prompts carry: memory is for the agent's own main chat, subagents get the rules only."""
    if ":subagent:" in session_key:
        return FOR_SUBAGENTS
    if session_key != f"agent:{agent_id}:main":
        return tuple(name for name in PROMPT_FILES if name != "MEMORY.md")
    return PROMPT_FILES


def read_files(workspace: Path, names: tuple[str, ...], limits: Limits) -> tuple[PromptFile, ...]:
    """Those files that are there and are text, cut to their limits; the required one also when it is not there."""
    files: list[PromptFile] = []
    left = limits.total
    for name in names:
        path = workspace / name
        text = _text(path)
        if text:
            most = min(limits.per_file, left, USER_CHARS if name == "USER.md" else limits.per_file)
            files.append(PromptFile(path, text[:most], len(text)))
            left -= min(len(text), most)
        elif name == REQUIRED and not path.exists():
            files.append(PromptFile(path, None))
    return tuple(files)


def _text(path: Path) -> str | None:
    """None for what is missing or no text; a link that leads out of the workspace is no file of it."""
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            return None
        with path.open(encoding="utf-8") as file:
            return file.read(MOST_READ).strip()
    except (OSError, UnicodeDecodeError):
        return None
