"""Earlier texts of a config file, kept beside it: the last one that a gateway ran with, and the backups of writers.

They are for `openclaw config restore` only: no start and no reload ever puts one of them in place by itself.
Source: config-and-cli §2.6.
"""

from __future__ import annotations

import logging
from pathlib import Path

from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.config.write import BACKUPS, put_beside, read_exactly
from clawfleet.core.errors import NotFoundError

LAST_GOOD = "last-good"

log = logging.getLogger("clawfleet.gateway.config")


class NothingKept(NotFoundError):
    """There is no earlier text of that name."""

    code = "CONFIG_NOTHING_KEPT"


def keep_last_good(snapshot: Snapshot) -> None:
    """Remember the text that a gateway runs with. A disk that refuses is told and stops nobody."""
    if not snapshot.exists:
        return
    try:
        put_beside(snapshot.path, f".{LAST_GOOD}", snapshot.text)
    except OSError as error:
        log.warning("cannot keep %s.%s: %s", snapshot.path, LAST_GOOD, error.strerror)


def kept_texts(instance: Instance) -> dict[str, Path]:
    """The earlier texts that there are, by the names that `config restore --from` takes."""
    names = [LAST_GOOD, *(f"bak.{number}" if number else "bak" for number in range(BACKUPS))]
    path = instance.config_path.resolve()
    files = {name: path.with_name(f"{path.name}.{name}") for name in names}
    return {name: file for name, file in files.items() if file.is_file()}


def kept_text(instance: Instance, name: str) -> str:
    """One of them. Raises NothingKept."""
    there = kept_texts(instance)
    if name not in there:
        known = ", ".join(there) or "none"
        raise NothingKept(f"There is no {name} of {instance.config_path}.", hint=f"kept: {known}")
    try:
        return read_exactly(there[name])
    except UnicodeDecodeError:
        raise NothingKept(f"{there[name]} is not UTF-8 text.") from None
