"""Writes the service's file as the config wants it now, and has the service manager read it.

A running gateway stays as it is until it is restarted: launchd reads a file only when it starts the job anew.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from clawfleet.cli.checks.finding import Change, Mended
from clawfleet.cli.context import CliContext
from clawfleet.cli.service_door import ServiceDoor
from clawfleet.config.redacted import is_secret_name
from clawfleet.core.errors import GatewayError
from clawfleet.host.service_file import backup_of, place
from clawfleet.secrets.redact import Redactor


@dataclass(frozen=True, slots=True)
class RenewServiceFile:
    """The mend of one service file; what people added to it is kept as far as this gateway's own service has it."""

    context: CliContext = field(compare=False, repr=False)
    file: Path

    @property
    def question(self) -> str:
        """The diff, and whether to write it."""
        door = ServiceDoor.open(self.context)
        return f"{_diff(door)}\nWrite this to {self.file}?"

    def apply(self) -> Mended:
        """Nothing when the file is as it should be by now."""
        door = ServiceDoor.open(self.context)
        if not is_outdated(door):
            return Mended()
        diff, wanted = _diff(door), door.wanted()
        assert wanted is not None
        place(self.file, wanted, 0o600 if door.service.scope == "user" else 0o644)
        state = door.service.state()
        if not state.unreachable and (door.service.manager == "systemd" or (state.is_loaded and not state.pid)):
            door.service.load()
        shown = self.context.instance.shown
        return Mended(
            (Change(shown(self.file), f"kept as {backup_of(self.file).name}", "as the config wants it"),), diff
        )


def mend_of(context: CliContext) -> RenewServiceFile | None:
    """The mend, when there is something that it would change and that is this command's to change."""
    try:
        door = ServiceDoor.open(context)
        return RenewServiceFile(context, door.service.file) if is_outdated(door) else None
    except (GatewayError, OSError):
        return None


def is_outdated(door: ServiceDoor) -> bool:
    """Whether the file is ours, and not as the config wants it."""
    wanted = None if door.is_external else door.wanted()
    return wanted is not None and door.service.file.read_bytes() != wanted


def _diff(door: ServiceDoor) -> str:
    redactor = Redactor(_secrets(door))
    texts = (door.service.file.read_bytes(), door.wanted() or b"")
    before, after = (redactor.redact(text.decode(errors="replace")).splitlines() for text in texts)
    name = door.service.file.name
    return "\n".join(difflib.unified_diff(before, after, name, name, lineterm="", n=1))


def _secrets(door: ServiceDoor) -> Iterator[str]:
    written = door.service.written()
    for name, value in written.environment.items() if written else ():
        if is_secret_name(name, "vars"):
            yield value
