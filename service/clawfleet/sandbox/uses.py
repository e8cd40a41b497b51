"""When each container was last used, kept over restarts and seen by commands: one empty file each, its time counts."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


class Uses:
    """The containers of one gateway. Losing a file costs nothing but a container's age in disuse."""

    def __init__(self, state_dir: Path) -> None:
        self._root = state_dir / "sandboxes" / ".used"

    @property
    def any(self) -> bool:
        """Whether this gateway ever used a container."""
        return self._root.is_dir()

    def note(self, name: str) -> None:
        """`name` is used now."""
        with suppress(OSError):
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._root / name).touch(mode=0o600)

    def at_ms(self, name: str) -> int | None:
        """When it was last used, in ms since the epoch."""
        try:
            return (self._root / name).stat().st_mtime_ns // 1_000_000
        except OSError:
            return None

    def forget(self, name: str) -> None:
        """The container is gone."""
        with suppress(OSError):
            (self._root / name).unlink(missing_ok=True)
