"""Places files, directories and links on a host: in one step, with owner and mode from the first byte."""

from __future__ import annotations

import base64
import hashlib
import io
import shlex
import tarfile
from collections.abc import Mapping

from pyinfra import host
from pyinfra.api import StringCommand, operation

from facts.placed import FileState, LinkTarget, PlacedDirectory, PlacedFile, ScriptHashes
from shell import Commands, HiddenText, Target, as_user, forget, is_mac, is_rootless, python, write_command


@operation()
def secret_file(target: Target, content: HiddenText, stamp: str | None = None) -> Commands:
    """The file holds `content`, which nobody else can read and no output shows.

    The stock upload writes a world-readable temporary file and shows contents in diffs; here the text goes to the
    standard input of a command on the host. `stamp` is removed before the file changes.
    """
    wanted = FileState(target.mode, target.owner, hashlib.sha256(content.text.encode()).hexdigest())
    if host.get_fact(PlacedFile, path=target.path, owner=target.owner) == wanted:
        host.noop(f"{target.path} is as wanted")
        return
    yield from forget(stamp)
    yield write_command(target, content)


@operation()
def owned_directory(path: str, owner: str, mode: str, inside: str | None = None) -> Commands:
    """A directory of that owner and mode, parents included.

    Below `inside`, a directory that is the owner's already, the owner makes it: root must not follow links that a
    user can plant. Elsewhere root makes it, and through a link at the path itself only if root made that too.
    """
    if host.get_fact(PlacedDirectory, path=path) == f"{mode} {owner}":
        host.noop(f"{path} is as wanted")
        return
    quoted = shlex.quote(path)
    if is_rootless() or (inside and path.startswith(f"{inside}/")):
        yield StringCommand(as_user(owner, f"umask 077 && mkdir -p {quoted} && chmod {mode} {quoted}"))
    else:
        group = ("wheel" if is_mac() else "root") if owner == "root" else f'"$(id -gn {shlex.quote(owner)})"'
        planted = f'[ -n "$(find {quoted} -maxdepth 0 -type l ! -user root 2>/dev/null)" ]'
        why = shlex.quote(f"{path} is a link that root did not make: name the directory itself, or remove it")
        make = f"install -d -m {mode} -o {shlex.quote(owner)} -g {group} {quoted}"
        yield StringCommand(f"if {planted}; then echo {why} >&2; exit 1; fi; {make}")


@operation()
def switched_link(path: str, target: str, stamp: str | None = None) -> Commands:
    """The link points at `target`; moved in one step, so that it never misses. `stamp` is removed before."""
    if host.get_fact(LinkTarget, path=path) == target:
        host.noop(f"{path} points at {target}")
        return
    yield from forget(stamp)
    link, fresh = shlex.quote(path), shlex.quote(f"{path}.new")
    yield StringCommand(f"mkdir -p {shlex.quote(path.rpartition('/')[0])}")
    over = f"{python()} -c 'import os, sys; os.replace(*sys.argv[1:])'" if is_mac() else "mv -fT"
    yield StringCommand(f"ln -sfn {shlex.quote(target)} {fresh} && {over} {fresh} {link}")


@operation()
def placed_scripts(directory: str, texts: Mapping[str, str], owner: str = "root") -> Commands:
    """The directory holds these scripts of its owner's and no other; all of them travel at once."""
    wanted = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    found = host.get_fact(ScriptHashes, directory=directory, owner=owner)
    if found == wanted:
        host.noop(f"{directory} has the scripts of this version")
        return
    place = shlex.quote(directory)
    for name in sorted(set(found) - set(wanted)):
        yield StringCommand(f"rm -f {place}/{shlex.quote(name)}")
    # Not the archive's own times: a compiled script would be taken for that of another one of the same size.
    unpack = f"umask 022 && base64 -d | tar -C {place} -xmf - --no-same-owner --no-same-permissions"
    yield StringCommand(as_user("root", unpack), _stdin=base64.b64encode(packed(texts)).decode() + "\n")


def packed(texts: Mapping[str, str]) -> bytes:
    """The texts as a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in texts.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text.encode()), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()
