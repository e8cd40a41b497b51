"""`gateway run --dev [--reset]`: an instance to try things with, which may be emptied at any time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from clawfleet.config.change import new_file_text
from clawfleet.config.env import Instance
from clawfleet.config.write import change_file
from clawfleet.core.errors import HostError, RequestError
from clawfleet.host.lock import GatewayRunning, read_lock
from clawfleet.store.files import private_dir

DEV = "dev"


class CannotReset(HostError):
    """The instance cannot be emptied."""

    code = "RESET_FAILED"


def make_config(instance: Instance) -> bool:
    """Write the built-in config where there is none; whether that was so. Raises CannotWrite, ReadOnlyConfig."""
    private_dir(instance.state_dir)
    return change_file(instance.config_path, instance.environ, lambda old: new_file_text() if old is None else old)


def reset(instance: Instance) -> Iterator[str]:
    """Set config, sessions and workspace of the dev instance aside; a line for each, with where it is now.

    Raises RequestError for any other instance, GatewayRunning while it runs.
    """
    if instance.profile != DEV:
        raise RequestError(
            "--reset empties an instance, and only the one of the profile dev may be emptied so",
            hint="openclaw --dev gateway run --dev --reset",
        )
    lock = read_lock(instance.store_dir)
    if lock is not None and lock.alive:
        raise GatewayRunning(instance.store_dir, lock)
    aside = instance.state_dir / f"reset-{time.strftime('%Y%m%d-%H%M%S')}"
    for place in (instance.config_path, instance.store_dir, instance.workspace):
        if place.exists():
            yield f"reset: {instance.shown(place)} → {instance.shown(_moved(place, aside))}"


def _moved(place: Path, aside: Path) -> Path:
    try:
        kept = private_dir(aside) / place.name
        place.rename(kept)
    except OSError as error:
        raise CannotReset(f"cannot set {place} aside: {error.strerror}") from error
    return kept
