"""The skills of an agent: looked for in its workspace, its owner's home and the state directory; the first name wins.

Source: tools-and-sessions §13.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from clawfleet.agents.skill_file import Needs, SkillFile, read_skill

FILE = "SKILL.md"
MAX_DEPTH = 6
MAX_BYTES = 256_000
MOST = 500
_PLATFORMS = {"linux": "linux", "darwin": "darwin"}


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where skills are looked for and what is there for them, the same for every agent.

    `extra` are further directories, `disabled` the names of those that nobody has, `has_key` tells whether a key of the
    config is set.
    """

    state_dir: Path
    home: Path
    environ: Mapping[str, str] = field(repr=False)
    extra: tuple[Path, ...] = ()
    disabled: frozenset[str] = frozenset()
    has_key: Callable[[str], bool] = lambda key: False


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill and where it is. `missing` is what it needs and does not find here."""

    file: SkillFile
    path: Path
    source: str
    missing: Needs
    disabled: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it can work on this system at all."""
        return not self.missing.os

    @property
    def is_eligible(self) -> bool:
        """Whether everything it needs is there, and nobody switched it off."""
        return not self.disabled and (self.missing == Needs() or (self.file.always and self.is_here))


def managed_dir(state_dir: Path) -> Path:
    """Where skills of all agents are."""
    return state_dir / "skills"


def skills_of(workspace: Path, grounds: Grounds) -> tuple[Skill, ...]:
    """The skills that an agent with this workspace finds, by name. Reads the disk: call it from a thread."""
    roots = [
        (workspace / "skills", "openclaw-workspace"),
        (workspace / ".agents" / "skills", "agents-skills-project"),
        (grounds.home / ".agents" / "skills", "agents-skills-personal"),
        (managed_dir(grounds.state_dir), "openclaw-managed"),
        *((folder, "openclaw-extra") for folder in grounds.extra),
    ]
    found: dict[str, Skill] = {}
    for root, source in roots:
        for path in _files(root):
            if len(found) >= MOST:
                break
            file = _read(path)
            if file is not None and file.name not in found:
                missing = _missing(file.needs, grounds)
                found[file.name] = Skill(file, path, source, missing, file.name in grounds.disabled)
    return tuple(found[name] for name in sorted(found))


def _files(folder: Path, depth: int = 0) -> Iterator[Path]:
    """The skill files below a folder; a folder that is a skill holds no others."""
    if (folder / FILE).is_file():
        yield folder / FILE
        return
    if depth == MAX_DEPTH:
        return
    try:
        inside = sorted(item for item in folder.iterdir() if item.is_dir() and not item.name.startswith("."))
    except OSError:
        return
    for item in inside:
        yield from _files(item, depth + 1)


def _read(path: Path) -> SkillFile | None:
    try:
        stat = path.stat()
        return _parsed(path, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return None


@lru_cache(maxsize=2 * MOST)
def _parsed(path: Path, changed_ns: int, size: int) -> SkillFile | None:
    """What the file says; read again when it is another one. Raises OSError."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return read_skill(file.read(MAX_BYTES), path.parent.name)


def _missing(needs: Needs, grounds: Grounds) -> Needs:
    environ = grounds.environ
    search = environ.get("PATH")
    found_any = any(shutil.which(name, path=search) for name in needs.any_bins)
    return Needs(
        bins=tuple(name for name in needs.bins if not shutil.which(name, path=search)),
        any_bins=() if found_any else needs.any_bins,
        env=tuple(name for name in needs.env if not environ.get(name)),
        config=tuple(key for key in needs.config if not grounds.has_key(key)),
        os=needs.os if needs.os and _PLATFORMS.get(sys.platform, sys.platform) not in needs.os else (),
    )
