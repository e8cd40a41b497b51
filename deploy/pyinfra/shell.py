"""Shell text for hosts: acting as another user, writing files in one step, stopping with a reason."""

from __future__ import annotations

import shlex
from collections.abc import Generator
from dataclasses import dataclass

from pyinfra.api import StringCommand
from pyinfra.api.command import PyinfraCommand

from layout import KEEP_SCRIPT

Commands = Generator[PyinfraCommand, None, None]
"""What an operation gives pyinfra to run."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file on a host: where, whose, and who may read it (octal, three digits)."""

    path: str
    owner: str
    mode: str


@dataclass(frozen=True, slots=True)
class HiddenText:
    """Text that no log, plan or traceback may show. Always ends with a line break."""

    text: str

    def __post_init__(self) -> None:
        # pyinfra ends what it writes to a command's input with a line break; the hash must be of the same bytes.
        if not self.text.endswith("\n"):
            raise ValueError("hidden text must end with a line break")

    def __repr__(self) -> str:
        return "HiddenText(…)"


def as_user(user: str, script: str, argument: str = "") -> str:
    """`script` run by sh as `user`; `argument` is shell text that becomes its `$0`.

    Files below a user's home are read and written as that user, never as root: what runs there may have planted links.
    """
    inner = f"sh -c {shlex.quote(script)} {argument}".rstrip()
    return inner if user == "root" else f"cd / && runuser -u {shlex.quote(user)} -- {inner}"


def write_command(target: Target, content: HiddenText) -> StringCommand:
    """Replaces the file in one step by what comes on standard input: owner-only before the first byte arrives."""
    path = shlex.quote(target.path)
    script = (
        f'umask 077 && t=$(mktemp {path}.XXXXXX) && {{ cat >"$t" && chmod {target.mode} "$t" && mv -fT "$t" {path} '
        '|| { rm -f "$t"; exit 1; }; }'
    )
    return StringCommand(as_user(target.owner, script), _stdin=content.text)


def forget(stamp: str | None) -> list[StringCommand]:
    """Keeps what the gateway runs with and removes the record of it.

    What changes then can be put back, and a run that breaks off restarts the gateway next time.
    """
    return [StringCommand("python3", KEEP_SCRIPT, "keep", shlex.quote(stamp))] if stamp else []


def refuse(reason: str) -> StringCommand:
    """Fails the host with a reason that a person can act on."""
    return StringCommand(f"echo {shlex.quote(reason)} >&2; exit 1")
