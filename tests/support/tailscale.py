"""A stand-in `tailscale` on a PATH of its own (tests/fakes/tailscale.py): no tailnet, every call on record."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[1] / "fakes" / "tailscale.py"


class FakeTailscale:
    """One stand-in. `path` is the PATH that finds it, and what else the machine has."""

    def __init__(self, folder: Path, **state: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        text = SOURCE.read_text(encoding="utf-8").replace("#!/usr/bin/env python3", f"#!{sys.executable} -S", 1)
        command = folder / "tailscale"
        command.write_text(text, encoding="utf-8")
        command.chmod(0o755)
        self.change(**state)

    @property
    def path(self) -> str:
        """A PATH on which it comes first."""
        return f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"

    @property
    def environ(self) -> dict[str, str]:
        """An environment in which it is `tailscale`."""
        return {"PATH": self.path}

    def with_sudo(self, script: str = 'shift; exec env USER=root "$@"') -> None:
        """Put a `sudo` beside it, which is called `sudo -n command…`."""
        sudo = self.folder / "sudo"
        sudo.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        sudo.chmod(0o755)

    def change(self, **state: Any) -> None:
        """Let it behave otherwise."""
        made = self.folder / "state.new"
        made.write_text(json.dumps(self.state() | state), encoding="utf-8")
        made.replace(self.folder / "state.json")

    def state(self) -> dict[str, Any]:
        """What it keeps."""
        file = self.folder / "state.json"
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}

    def calls(self) -> list[str]:
        """Every command line so far, without the command."""
        file = self.folder / "calls.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [" ".join(json.loads(line)) for line in lines]


def without_tailscale(folder: Path) -> str:
    """A PATH with the programs of this machine, and no `tailscale` among them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("sh", "cat", "env", "kill"):
        if (found := shutil.which(name)) is not None and not (folder / name).exists():
            (folder / name).symlink_to(found)
    return str(folder)
