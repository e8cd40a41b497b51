"""The seam between file tools and the file system they work on: the host's, or what a container sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one agent's paths lie. `roots` may be touched: directories, and whether they may be written to.

    `base` is what relative paths start from, `home` what `~` stands for. `seen_as`: where the agent's workspace (first)
    appears (second), when that is another place.
    """

    base: str
    roots: tuple[tuple[str, bool], ...]
    home: str | None = None
    seen_as: tuple[str, str] | None = None

    def locate(self, path: str) -> str:
        """The absolute path that `path` means here; nothing is looked up, `..` stays."""
        if self.home and (path == "~" or path.startswith("~/")):
            return self.home + path[1:]
        asked = PurePosixPath(path)
        if self.seen_as and asked.is_relative_to(self.seen_as[0]):
            return str(PurePosixPath(self.seen_as[1]) / asked.relative_to(self.seen_as[0]))
        return str(PurePosixPath(self.base) / asked)


class Floor(Protocol):
    """One file system as one session may use it."""

    @property
    def host(self) -> Literal["gateway", "sandbox"]:
        """Whose files they are; the word of `tools.exec.host`."""
        ...

    @property
    def writable(self) -> bool:
        """Whether anything may be written at all."""
        ...

    async def ground(self, workspace: Path, *, confined: bool) -> Ground:
        """What there is for the agent of `workspace`; `confined`: nothing beyond the workspace."""
        ...

    async def carry(self, workspace: Path, order: str) -> str:
        """The reply of `file_work.answer` to `order`. Raises a `ToolError` when it cannot be asked."""
        ...
