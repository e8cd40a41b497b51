"""What `--fix` does to files: tighten a mode, take away a note that nobody stands behind, mend a config text."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path

from clawfleet.cli.checks.finding import Change, Mended
from clawfleet.config.env import Instance
from clawfleet.config.repair import Repair, masked_diff, repair
from clawfleet.config.write import change_file
from clawfleet.host.lock import GatewayRunning, StateLock, read_lock


@dataclass(frozen=True, slots=True)
class Chmod:
    """Takes bits away from a file's or directory's mode; `shown` is its path for people."""

    path: Path
    mode: int
    shown: str

    question = ""

    def apply(self) -> Mended:
        """The mode before and after; nothing when it is right by now."""
        before = stat.S_IMODE(self.path.stat().st_mode)
        if before == self.mode:
            return Mended()
        self.path.chmod(self.mode)
        return Mended((Change(self.shown, f"{before:04o}", f"{self.mode:04o}"),))


@dataclass(frozen=True, slots=True)
class DropStaleLock:
    """Removes a lock file that no process holds."""

    store_dir: Path
    shown: str

    question = ""

    def apply(self) -> Mended:
        """Take the lock and let go of it, which removes its file; nothing when a gateway was faster."""
        note = read_lock(self.store_dir)
        if note is None or note.alive:
            return Mended()
        try:
            StateLock.acquire(self.store_dir, port=note.port, config_path=Path(note.config_path)).release()
        except GatewayRunning:
            return Mended()
        return Mended((Change(self.shown, f"left by pid {note.pid}", "(removed)"),))


@dataclass(frozen=True, slots=True)
class RepairConfig:
    """Mends those keys of the config file that keep it from being used; the others stay as they are."""

    instance: Instance = field(compare=False)
    text: str = field(repr=False)

    @property
    def planned(self) -> Repair:
        """What it would write."""
        return repair(self.instance, self.text)

    @property
    def question(self) -> str:
        """The diff, and whether to write it."""
        diff = masked_diff(self.text, self.planned.text, self.instance.config_path.name)
        return f"{diff}\nWrite this to {self.instance.shown(self.instance.config_path)}?"

    def apply(self) -> Mended:
        """The keys that changed; the version before is kept as `.bak`."""
        made: list[Repair] = []

        def change(old: str | None) -> str:
            made.append(repair(self.instance, old or "{}"))
            return made[0].text

        path = self.instance.config_path
        if not change_file(path, self.instance.environ, change):
            return Mended()
        changes = tuple(Change(one.path, one.old, one.new) for one in made[0].changes)
        return Mended(changes, masked_diff(self.text, made[0].text, path.name))
