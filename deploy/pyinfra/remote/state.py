"""Runs on a host: a gateway's state, into an archive by its own command and back. Standard library only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kept
from command import CommandError, openclaw
from machine import as_user
from places import ARCHIVE
from plainly import words

FAILURES = (CommandError, OSError, subprocess.CalledProcessError)


def archived(spec: dict[str, Any], shelf: Path) -> Path:
    """A verified archive of the state, made by the release that runs, in a directory of root's own.

    Raises CommandError.
    """
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    with users_own_directory(spec["user"]) as place:
        openclaw(spec, "backup", "create", "--verify", "--json", "--output", str(place))
        made = next(place.glob(f"*{ARCHIVE}"), None)
        if made is None:
            raise CommandError("its command left no archive")
        take_over(spec["user"], made, shelf / made.name)
    return shelf / made.name


def superfluous(shelf: Path, keep: int) -> list[Path]:
    """The archives there but for the newest `keep`."""
    return sorted(shelf.glob(f"*{ARCHIVE}"), key=lambda path: path.stat().st_mtime)[:-keep]


def replaced(spec: dict[str, Any], archive: Path) -> str | None:
    """Puts an archive's content in the place of a stopped gateway's state; what went wrong, if anything.

    What stood there is kept beside it. `.env`, and the keys of the config that the fleet owns, are as before. Raises
    nothing: whoever stopped the gateway has to start it again.
    """
    env = kept.read_as(spec["user"], spec["env"])
    trouble = None
    try:
        with users_own_directory(spec["user"]) as place:
            handed = hand_over(spec["user"], archive, place)
            openclaw(spec, "backup", "restore", str(handed), "--yes")
    except FAILURES as error:
        trouble = words(error)
    try:
        if env is not None:
            kept.write_as(spec["user"], spec["env"], "600", env)
        return trouble or owned_again(spec)
    except FAILURES as error:
        return trouble or words(error)


def owned_again(spec: dict[str, Any]) -> str | None:
    """The keys that the fleet owns, laid over the restored config; what went wrong, if anything."""
    script, now, former = spec["ownConfig"]
    python = f"{spec['link']}/bin/python"
    owned = Path(now).read_text(encoding="utf-8").strip() + "\n"
    before = Path(former).read_text(encoding="utf-8").strip() if Path(former).exists() else "{}"
    # All of them: what people changed before the archive was made is older than the fleet file.
    line = as_user(spec["user"], [python, script, "write", spec["config"], spec["configMode"], "*"])
    done = subprocess.run(line, input=owned + before + "\n", capture_output=True, text=True, check=False, cwd="/")
    return (done.stderr.strip() or "the config cannot be written") if done.returncode else None


@contextlib.contextmanager
def users_own_directory(user: str) -> Iterator[Path]:
    """A directory that only the user (and root) can look into; gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="clawfleet-backup-"))
    entry = pwd.getpwnam(user)
    os.chown(place, entry.pw_uid, entry.pw_gid)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def take_over(user: str, made: Path, target: Path) -> None:
    """Root's own copy of a user's file, never through a link that the user may have planted. Raises CommandError."""
    try:
        with kept.opened_as(user, str(made)) as source:
            kept.copy_private(source, target)
    except OSError as error:
        raise CommandError(words(error)) from None


def hand_over(user: str, archive: Path, place: Path) -> Path:
    """The archive as the user can read it."""
    handed = place / archive.name
    with archive.open("rb") as source:
        kept.fill_as(user, str(handed), "600", source)
    return handed
