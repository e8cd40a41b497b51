"""Runs on a host, as root: makes a change that could lock everybody out, and takes it back unless told to keep it.

Write, check, arm a timer of systemd's that puts the old files back, activate. Whoever made the change then proves
that the host can still be reached, and says `keep`. Standard library only. Source: deploy §4.4.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from places import MADE, RECORDS

SAVED = RECORDS / ".deadman"
MADE_DIRS = MADE / "directories"
UNITS = Path("/etc/systemd/system")
UNIT = "openclaw-deadman-{name}"
TIMER_TEXT = """[Unit]
Description=Takes back a change to {name} that nobody confirmed

[Timer]
OnActiveSec={seconds}
AccuracySec=1s

[Install]
WantedBy=timers.target
"""
SERVICE_TEXT = """[Unit]
Description=Takes back a change to {name} that nobody confirmed

[Service]
ExecStart={python} {script} {name}
"""

Content = Optional["tuple[str, str]"]
"""Octal mode and text of a file; None for one that shall not be there."""


class RefusedError(Exception):
    """The change was not made; the text says why."""


@dataclass(frozen=True)
class Change:
    """Files by path, and the commands around them. `touched` are files that the commands themselves write.

    `restore` makes the old files count again after they were put back.
    """

    files: dict[str, Content]
    check: Sequence[Sequence[str]] = ()
    activate: Sequence[Sequence[str]] = ()
    restore: Sequence[Sequence[str]] = ()
    touched: Sequence[str] = field(default=())


def make(name: str, change: Change, seconds: int = 0) -> None:
    """Places the files and activates them; with `seconds` all goes back after that time unless `keep` is called.

    Raises RefusedError, and the old files are back, when a check or an activation fails.
    """
    put_back(name)
    save(name, change)
    try:
        for path, content in change.files.items():
            place(Path(path), content)
        run(change.check)
        if seconds:
            arm(name, seconds)
        run(change.activate)
    except (RefusedError, OSError):
        put_back(name)
        raise
    if not seconds:
        keep(name)


def save(name: str, change: Change) -> None:
    """Notes the old files and the commands that make them count again."""
    old = {path: read(Path(path)) for path in [*change.files, *change.touched]}
    SAVED.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"files": old, "restore": [list(words) for words in change.restore]})
    place(SAVED / name, ("600", text))


def read(path: Path) -> Content:
    """The file as it is."""
    return (f"{path.stat().st_mode & 0o777:o}", path.read_text(encoding="utf-8")) if path.is_file() else None


def arm(name: str, seconds: int) -> None:
    """A timer of systemd's waits: it fires also when nobody is connected any more.

    It is a file and not systemd's memory: a host that boots meanwhile waits as long again.
    """
    service, timer, wanted = unit_files(name)
    script = str(Path(__file__).resolve())
    place(service, ("644", SERVICE_TEXT.format(name=name, python=sys.executable, script=script)))
    place(timer, ("644", TIMER_TEXT.format(name=name, seconds=seconds)))
    enter(wanted.parent)
    wanted.unlink(missing_ok=True)
    wanted.symlink_to(timer)
    run([["systemctl", "daemon-reload"], ["systemctl", "start", timer.name]])


def disarm(name: str) -> None:
    """The timer waits no more and is gone; a service of it that runs, which may be this process, ends by itself."""
    service, timer, wanted = unit_files(name)
    if timer.exists():
        subprocess.run(["systemctl", "stop", timer.name], capture_output=True, check=False)
        for path in (wanted, timer, service):
            place(path, None)
        subprocess.run(["systemctl", "daemon-reload"], capture_output=True, check=False)


def unit_files(name: str) -> tuple[Path, Path, Path]:
    """Service, timer, and what has the timer started at boot."""
    service, timer = (UNITS / f"{UNIT.format(name=name)}.{kind}" for kind in ("service", "timer"))
    return service, timer, UNITS / "timers.target.wants" / timer.name


def keep(name: str) -> None:
    """The change stays."""
    disarm(name)
    (SAVED / name).unlink(missing_ok=True)
    if SAVED.is_dir() and not any(SAVED.iterdir()):
        SAVED.rmdir()


def put_back(name: str) -> bool:
    """The old files are back and count; whether there was anything to take back."""
    try:
        saved = json.loads((SAVED / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    for path, content in saved["files"].items():
        place(Path(path), (content[0], content[1]) if content else None)
    for words in saved["restore"]:
        subprocess.run(words, capture_output=True, check=False)
    keep(name)
    return True


def place(path: Path, content: Content) -> None:
    """The file holds the text, in one step, or is gone, and with it a directory that was made for it."""
    if content is None:
        path.unlink(missing_ok=True)
        leave(path.parent)
        return
    mode, text = content
    enter(path.parent)
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(fresh).chmod(int(mode, 8))
    os.replace(fresh, path)  # noqa: PTH105 -- in one step


def enter(directory: Path) -> None:
    """The directory is there; that it was made is noted."""
    if directory.is_dir():
        return
    enter(directory.parent)
    directory.mkdir(mode=0o755)
    if MADE_DIRS.parent.is_dir():
        with MADE_DIRS.open("a", encoding="utf-8") as file:
            file.write(f"{directory}\n")


def leave(directory: Path) -> None:
    """An empty directory that `enter` made is gone again."""
    made = MADE_DIRS.read_text(encoding="utf-8").splitlines() if MADE_DIRS.is_file() else []
    if str(directory) not in made or not directory.is_dir() or any(directory.iterdir()):
        return
    directory.rmdir()
    MADE_DIRS.write_text("".join(f"{line}\n" for line in made if line != str(directory)), encoding="utf-8")
    leave(directory.parent)


def run(commands: Sequence[Sequence[str]]) -> None:
    """Runs them in order. Raises RefusedError with what the first failing one said."""
    for words in commands:
        if shutil.which(words[0]) is None:
            raise RefusedError(f"{words[0]} is not installed")
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            said = " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
            raise RefusedError(said or f"{' '.join(words)} ended with {done.returncode}")


def status(words: Sequence[str]) -> tuple[int, str]:
    """Exit code and output of a command that only looks; 127 where there is no such command."""
    try:
        done: Any = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return 127, ""
    return done.returncode, done.stdout


if __name__ == "__main__":
    put_back(sys.argv[1])
