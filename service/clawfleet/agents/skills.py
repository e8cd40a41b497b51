"""The skills of an agent: looked for in its workspace, its owner's home and the state directory; the first name wins.

Source: tools-and-sessions §13.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clawfleet.agents.skill_file import Needs, SkillFile, read_skill

FILE = "SKILL.md"
MAX_DEPTH = 6
MAX_BYTES = 256_000
MOST = 500
_PLATFORMS = {"linux": "linux", "darwin": "darwin"}


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill and where it is. `missing` is what it needs and does not find here."""

    file: SkillFile
    path: Path
    source: str
    missing: Needs

    @property
    def is_here(self) -> bool:
        """Whether it can work on this system at all."""
        return not self.missing.os

    @property
    def is_eligible(self) -> bool:
        """Whether everything it needs is there."""
        return self.missing == Needs()


def managed_dir(state_dir: Path) -> Path:
    """Where skills of all agents are."""
    return state_dir / "skills"


def skills_of(workspace: Path, state_dir: Path, home: Path, environ: Mapping[str, str]) -> tuple[Skill, ...]:
    """The skills that an agent with this workspace has, by name. Reads the disk: call it from a thread."""
    roots = (
        (workspace / "skills", "openclaw-workspace"),
        (workspace / ".agents" / "skills", "agents-skills-project"),
        (home / ".agents" / "skills", "agents-skills-personal"),
        (managed_dir(state_dir), "openclaw-managed"),
    )
    found: dict[str, Skill] = {}
    for root, source in roots:
        for path in _files(root):
            if len(found) >= MOST:
                break
            file = _read(path)
            if file is not None and file.name not in found:
                found[file.name] = Skill(file, path, source, _missing(file.needs, environ))
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
        with path.open(encoding="utf-8", errors="replace") as file:
            return read_skill(file.read(MAX_BYTES), path.parent.name)
    except OSError:
        return None


def _missing(needs: Needs, environ: Mapping[str, str]) -> Needs:
    search = environ.get("PATH")
    found_any = any(shutil.which(name, path=search) for name in needs.any_bins)
    return Needs(
        bins=tuple(name for name in needs.bins if not shutil.which(name, path=search)),
        any_bins=() if found_any else needs.any_bins,
        env=tuple(name for name in needs.env if not environ.get(name)),
        config=needs.config,  # keys of plugins, which this gateway has not
        os=needs.os if needs.os and _PLATFORMS.get(sys.platform, sys.platform) not in needs.os else (),
    )
