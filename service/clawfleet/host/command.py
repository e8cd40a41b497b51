"""Asks a program of the system (systemctl, launchctl, loginctl) and returns what it said."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from clawfleet.core.errors import HostError

TIMEOUT_S = 30.0


class ToolMissing(HostError):
    """A program of the system is not there."""

    code = "TOOL_MISSING"


class ToolSilent(HostError):
    """A program of the system did not end in time."""

    code = "TOOL_SILENT"


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.code == 0

    @property
    def said(self) -> str:
        """Its complaint in one line."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[0] if lines else f"exit {self.code}"


@dataclass(frozen=True, slots=True)
class Programs:
    """Runs programs of the system with one environment, whose PATH finds them."""

    environ: Mapping[str, str] = field(repr=False)

    def run(self, *words: str, timeout_s: float = TIMEOUT_S) -> Done:
        """What one command line says; its exit code is not judged. Raises ToolMissing, ToolSilent."""
        try:
            done = subprocess.run(
                words,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
                env={**self.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"},
                stdin=subprocess.DEVNULL,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise ToolMissing(f"cannot run {words[0]}: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise ToolSilent(f"`{' '.join(words)}` did not end within {timeout_s:g} s") from error
        return Done(done.returncode, done.stdout, done.stderr)
