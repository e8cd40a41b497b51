"""A host that looks like macOS to `openclaw`: its command line with launchd as service manager, `launchctl` on PATH."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.gateway import free_port, scrubbed_env

LAUNCHCTL = Path(__file__).with_name("launchctl.py")
OPENCLAW = """
import os, sys
from pathlib import Path
euid = int(os.environ.pop("FAKE_EUID", "501"))
os.geteuid = lambda: euid
from clawfleet.host import launchd, service_search
service_search.PLATFORM = "darwin"
launchd.DAEMONS = service_search.DAEMONS = Path(os.environ["FAKE_LAUNCHD"]) / "LaunchDaemons"
from clawfleet.cli.main import main
main()
"""


@dataclass
class Mac:
    """One user's home on it. `openclaw(*words)` is a command line; launchd starts a job again after `throttle_s`."""

    root: Path
    throttle_s: float = 0.3
    port: int = field(default_factory=free_port)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for folder in (self.state, self.bin, self.home / "Library" / "LaunchAgents", self.home / ".Trash"):
            folder.mkdir(parents=True)
        launchctl = self.bin / "launchctl"
        launchctl.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{LAUNCHCTL}" "$@"\n')
        launchctl.chmod(0o755)

    @property
    def home(self) -> Path:
        return self.root / "Users" / "ada"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def state(self) -> Path:
        """Where the fake launchd keeps what it knows."""
        return self.root / "launchd"

    @property
    def environ(self) -> dict[str, str]:
        given = scrubbed_env(self.home)
        return given | {
            "PATH": f"{self.bin}:{given['PATH']}",
            "FAKE_LAUNCHD": str(self.state),
            "FAKE_LAUNCHD_THROTTLE_S": str(self.throttle_s),
        }

    def openclaw(self, *words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """A finished command line."""
        return subprocess.run(
            [sys.executable, "-c", OPENCLAW, *words],
            env=self.environ | environ,
            cwd=self.home,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *words: str, **environ: str) -> subprocess.Popen[bytes]:
        """A command line that goes on by itself; a gateway's is waited for until it serves. It ends with the host."""
        process = subprocess.Popen(
            [sys.executable, "-c", OPENCLAW, *words],
            env=self.environ | environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout
        process.stdout.readline()  # its panel: it serves
        self.started.append(process)
        return process

    def launchctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What launchctl says."""
        return subprocess.run(
            [self.bin / "launchctl", *words], env=self.environ, capture_output=True, text=True, timeout=60, check=False
        )

    def calls(self) -> list[str]:
        """Every call of launchctl that changed something, since the last time."""
        file = self.state / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.write_text("")
        return [line for line in lines if not line.startswith("print")]

    def agent(self, label: str = "ai.openclaw.gateway") -> Path:
        """The property list of a job."""
        return self.home / "Library" / "LaunchAgents" / f"{label}.plist"

    def target(self, label: str = "ai.openclaw.gateway") -> str:
        """`gui/<uid>/<label>`."""
        return f"gui/{os.getuid()}/{label}"

    def shut_down(self) -> None:
        """No job runs any more."""
        for job in list(self.state.glob("*.job")):
            self.launchctl("bootout", job.stem.replace("+", "/"))
        for process in self.started:
            process.kill()
            process.communicate()
