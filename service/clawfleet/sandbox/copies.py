"""What is copied into a sandbox that does not see the workspace: the agent's files once, its skills when they change.

Blocks on the disk. Links in what is copied are left out: they may lead anywhere.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

log = logging.getLogger("clawfleet.sandbox")

SEEDED = ("AGENTS.md", "SOUL.md", "IDENTITY.md", "USER.md", "TOOLS.md", "BOOTSTRAP.md", "HEARTBEAT.md")
MOST_FILES = 2_000
MOST_BYTES = 50 * 1024 * 1024
"""Of all skills together; what is more than that stays out."""


def seed(own: Path, workspace: Path) -> None:
    """Give a sandbox's new directory the agent's files. Only for one that no container has written to."""
    status = own.stat()
    for name in SEEDED:
        source, target = workspace / name, own / name
        if source.is_symlink() or not source.is_file():
            continue
        with suppress(OSError):
            shutil.copyfile(source, target)
            target.chmod(0o600)
            os.chown(target, status.st_uid, status.st_gid)


def refresh_skills(target: Path, roots: Sequence[Path]) -> None:
    """Let `target` hold the skills of `roots`, the first of each name; nothing is written when none has changed."""
    files = list(_files(roots))
    wanted = sha256(repr([(name, status.st_mtime_ns, status.st_size) for name, _, status in files]).encode())
    mark = target.with_name(f".{target.name}.is")
    try:
        if mark.read_text() == wanted.hexdigest():
            return
    except OSError:
        pass
    for old in target.iterdir():
        shutil.rmtree(old)
    for name, source, _ in files:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place, follow_symlinks=False)
        place.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
    mark.write_text(wanted.hexdigest())


def _files(roots: Sequence[Path]) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Every plain file of every skill: its path below the skills, where it is, what the disk says of it."""
    left_files, left_bytes = MOST_FILES, MOST_BYTES
    for skill in _skills(roots):
        for path in sorted(skill.rglob("*")):
            if any(each.is_symlink() for each in (path, *path.parents) if skill in each.parents) or not path.is_file():
                continue
            status = path.stat()
            left_files, left_bytes = left_files - 1, left_bytes - status.st_size
            if left_files < 0 or left_bytes < 0:
                log.warning("there are too many skills for a sandbox; %s and what follows is left out", skill)
                return
            yield str(path.relative_to(skill.parent)), path, status


def _skills(roots: Sequence[Path]) -> list[Path]:
    """The folders of skills, the first of each name."""
    found: dict[str, Path] = {}
    for root in roots:
        for path in sorted(root.iterdir()) if root.is_dir() else ():
            if path.is_dir() and not path.is_symlink():
                found.setdefault(path.name, path)
    return list(found.values())
