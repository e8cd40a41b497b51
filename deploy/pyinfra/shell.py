"""Shell text for hosts: acting as another user, writing files in one step, stopping with a reason."""

from __future__ import annotations

import shlex
from collections.abc import Generator
from dataclasses import dataclass

from pyinfra import host
from pyinfra.api import StringCommand
from pyinfra.api.command import PyinfraCommand
from pyinfra.context import ctx_host

from layout import LINUX

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


def is_mac() -> bool:
    """Whether the host that is looked at or changed now is one: it has no runuser, and BSD's tools."""
    return _told("fleet_os") == "darwin"


def is_rootless() -> bool:
    """Whether everything there is done by and belongs to its login user."""
    return is_mac() and not _told("fleet_root").startswith("/usr/local/")


def root() -> str:
    """Where the recipes keep the program and their scripts there."""
    return _told("fleet_root") or LINUX.root


def script(name: str) -> str:
    """One of the scripts of `remote/`."""
    return f"{root()}/lib/{name}.py"


def python() -> str:
    """The interpreter for them: on a Mac `python3` may be a stub, and the recipes keep a link to a real one."""
    return f"{root()}/python3" if is_mac() else "python3"


def _told(key: str) -> str:
    data = getattr(host, "data", None) if ctx_host.isset() else None  # type: ignore[no-untyped-call]
    return str(data.get(key) or "") if data is not None else ""


def stat_words() -> str:
    """`stat` that prints octal mode and owner."""
    return "stat -f '%Lp %Su'" if is_mac() else "stat -c '%a %U'"


def sha256_words() -> str:
    """What prints sha256 and name, of files or of standard input."""
    return "shasum -a 256" if is_mac() else "sha256sum"


def as_user(user: str, script: str, argument: str = "") -> str:
    """`script` run by sh as `user`; `argument` is shell text that becomes its `$0`.

    Files below a user's home are read and written as that user, never as root: what runs there may have planted links.
    """
    inner = f"sh -c {shlex.quote(script)} {argument}".rstrip()
    if user == "root" or is_rootless():
        return inner
    become = "sudo -n -u" if is_mac() else "runuser -u"
    return f"cd / && {become} {shlex.quote(user)} -- {inner}"


def write_command(target: Target, content: HiddenText) -> StringCommand:
    """Replaces the file in one step by what comes on standard input: owner-only before the first byte arrives."""
    path = shlex.quote(target.path)
    over = f"[ ! -d {path} ] && mv -f" if is_mac() else "mv -fT"
    script = (
        f'umask 077 && t=$(mktemp {path}.XXXXXX) && {{ cat >"$t" && chmod {target.mode} "$t" && {over} "$t" {path} '
        '|| { rm -f "$t"; exit 1; }; }'
    )
    return StringCommand(as_user(target.owner, script), _stdin=content.text)


def forget(stamp: str | None) -> list[StringCommand]:
    """Keeps what the gateway runs with and removes the record of it.

    What changes then can be put back, and a run that breaks off restarts the gateway next time.
    """
    return [StringCommand(python(), script("kept"), "keep", shlex.quote(stamp))] if stamp else []


def refuse(reason: str) -> StringCommand:
    """Fails the host with a reason that a person can act on."""
    return StringCommand(f"echo {shlex.quote(reason)} >&2; exit 1")
