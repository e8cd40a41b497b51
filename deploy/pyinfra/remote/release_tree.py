"""Runs on a host, as root: builds a release from the archive of a wheelhouse, beside the one in use.

    release_tree.py HOME ARCHIVE SHA256

What `pip install --no-index --require-hashes` does with wheels, several times as fast: the archive has to have its
hash, every wheel in it is named in the archive's requirements with its own, and every name has its wheel.
A release is a venv without pip: root's, read-only for gateways, never changed. Standard library only.
"""

from __future__ import annotations

import compileall
import configparser
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

REQUIREMENTS = "requirements.txt"
SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
DATA_PLACES = {"purelib": SITE, "platlib": SITE, "scripts": "bin", "headers": "include", "data": "."}
SCRIPT = "#!{python}\nimport sys\n\nfrom {module} import {name}\n\nsys.exit({call}())\n"


class Points(configparser.ConfigParser):
    """Entry points, whose names keep their case."""

    def optionxform(self, optionstr: str) -> str:
        """The name as it is."""
        return optionstr


class RefusedError(Exception):
    """The archive is not what it should be; nothing of it was installed."""


def main(home: Path, archive: Path, sha256: str) -> None:
    """See the module's first lines. What fails half way leaves nothing: the disk may be full."""
    os.umask(0o022)
    try:
        build(home, archive, sha256)
    except (RefusedError, OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(home, ignore_errors=True)
        raise SystemExit(f"the release cannot be installed: {error}") from None
    finally:
        archive.unlink(missing_ok=True)


def build(home: Path, archive: Path, sha256: str) -> None:
    """Unpacks, compiles, tries the command once, and marks the release as complete last. Raises RefusedError."""
    wheels = verified(archive.read_bytes(), sha256)
    shutil.rmtree(home, ignore_errors=True)
    venv.EnvBuilder(symlinks=True).create(home)
    for wheel in wheels:
        unpack(wheel, home)
    compileall.compile_dir(home / SITE, quiet=2, workers=0)
    subprocess.run([home / "bin" / "openclaw", "--version"], check=True)
    (home / ".complete").touch()


def verified(archive: bytes, sha256: str) -> list[bytes]:
    """The wheels of an archive. Raises RefusedError unless every byte is one that was asked for."""
    if hashlib.sha256(archive).hexdigest() != sha256:
        raise RefusedError(f"the archive does not have the hash {sha256}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {entry.name: found.read() for entry in tar if (found := tar.extractfile(entry))}
    missing = dict(required(files.pop(REQUIREMENTS).decode()))
    for name, content in files.items():
        digest = hashlib.sha256(content).hexdigest()
        if missing.pop(digest, None) != "-".join(name.split("-")[:2]):
            raise RefusedError(f"{name} is not in {REQUIREMENTS} with the hash {digest}")
    if missing:
        raise RefusedError(f"there is no wheel for {', '.join(sorted(missing.values()))}")
    return list(files.values())


def required(text: str) -> Iterator[tuple[str, str]]:
    """(hash, `name-version` as its wheel is called) of every line."""
    for line in text.splitlines():
        pinned, _, digest = line.partition(" --hash=sha256:")
        name, _, version = pinned.partition("==")
        yield digest, f"{name.replace('-', '_')}-{version}"


def unpack(wheel: bytes, home: Path) -> None:
    """Lays the wheel's files where they belong and makes its commands."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as packed:
        for entry in packed.infolist():
            if entry.is_dir():
                continue
            target = home / place(entry.filename)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(packed.read(entry))
            if entry.external_attr >> 16 & 0o111 or target.parent == home / "bin":
                target.chmod(0o755)
            if target.name == "entry_points.txt" and target.parent.suffix == ".dist-info":
                make_commands(target.read_text(encoding="utf-8"), home)


def place(name: str) -> PurePosixPath:
    """Where a file of a wheel lies below the release. Raises RefusedError for one that would lie elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise RefusedError(f"a wheel holds {name}")
    first, *rest = path.parts
    if not first.endswith(".data"):
        return SITE / path
    kind, *below = rest
    return PurePosixPath(DATA_PLACES[kind], *below)


def make_commands(text: str, home: Path) -> None:
    """The commands that a wheel's entry points name, as files in `bin`."""
    points = Points(delimiters=("=",), interpolation=None)
    points.read_string(text)
    for command, point in points.items("console_scripts") if points.has_section("console_scripts") else ():
        module, _, call = point.partition("[")[0].strip().partition(":")
        script = home / place(f"x.data/scripts/{command}")
        python = home / "bin" / "python"
        script.write_text(SCRIPT.format(python=python, module=module, name=call.partition(".")[0], call=call))
        script.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
