"""Runs on a host, as root: takes back what the recipes did with Tailscale. Standard library only."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from places import MADE

PREFIX = "tailscale-"
REPOSITORY = ("/etc/apt/sources.list.d/tailscale.list", "/usr/share/keyrings/tailscale-archive-keyring.gpg")


def drop_route(port: int) -> None:
    """The route to one gateway is gone, if it is the recipes'."""
    note = MADE / f"{PREFIX}route-{port}"
    if note.is_file():
        quietly("tailscale", "serve", "--yes", f"--https={port}", "--set-path=/", "off")
        note.unlink()


def leave() -> None:
    """The last gateway is gone: routes, the operator, the tailnet and Tailscale itself, as far as they are ours."""
    for note in MADE.glob(f"{PREFIX}route-*"):
        drop_route(int(note.name.rpartition("-")[2]))
    if taken("operator"):
        quietly("tailscale", "set", "--operator=")
    if taken("joined"):
        quietly("tailscale", "logout")
    if taken("installed"):
        remove = (
            ("apt-get", "purge", "-qy", "tailscale")
            if shutil.which("apt-get")
            else ("dnf", "remove", "-qy", "tailscale")
        )
        quietly(*remove)
        for path in REPOSITORY:
            Path(path).unlink(missing_ok=True)


def taken(what: str) -> bool:
    """Whether the recipes did it; the note of it is gone then."""
    note = MADE / f"{PREFIX}{what}"
    there = note.is_file()
    note.unlink(missing_ok=True)
    return there


def quietly(*words: str) -> None:
    """Runs a command line; whoever removes by hand first must not be in the way."""
    if shutil.which(words[0]):
        subprocess.run(words, capture_output=True, check=False, timeout=300, stdin=subprocess.DEVNULL)
