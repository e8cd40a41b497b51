"""Runs on a host, as root: builds a release from the archive of a wheelhouse, beside the one in use.

    release_tree.py HOME ARCHIVE SHA256

What `pip install --no-index --require-hashes` does with wheels, several times as fast: the archive has to have its
hash, every wheel in it is named in the archive's requirements with its own, and every name has its wheel.
A release is a venv without pip: root's, read-only for gateways, never changed. Needs the standard library, and of the
archive the wheel of PyPA's `installer`.
"""

from __future__ import annotations

import compileall
import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

REQUIREMENTS = "requirements.txt"
COMPLETE = ".complete"
SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
PLACES = {"purelib": SITE, "platlib": SITE, "scripts": "bin", "headers": "include", "data": "."}


class RefusedError(Exception):
    """The archive is not what it should be; nothing of it was installed."""


def main(home: Path, archive: Path, sha256: str) -> None:
    """See the module's first lines. What fails half way leaves nothing: the disk may be full."""
    os.umask(0o022)
    turn = os.open(home.parent, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)  # a run whose connection was cut may still be at it
        if not (home / COMPLETE).exists():
            build(home, archive, sha256)
    except (RefusedError, OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"the release cannot be installed: {error}") from None
    finally:
        archive.unlink(missing_ok=True)
        if not (home / COMPLETE).exists():
            shutil.rmtree(home, ignore_errors=True)
        os.close(turn)


def build(home: Path, archive: Path, sha256: str) -> None:
    """Unpacks, compiles, tries the command once, and marks the release as complete last. Raises RefusedError."""
    wheels = verified(archive.read_bytes(), sha256)
    shutil.rmtree(home, ignore_errors=True)
    venv.EnvBuilder(symlinks=True).create(home)
    install(wheels, home)
    compileall.compile_dir(home / SITE, quiet=2, workers=0)
    subprocess.run([home / "bin" / "openclaw", "--version"], check=True)
    (home / COMPLETE).touch()


def verified(archive: bytes, sha256: str) -> dict[str, bytes]:
    """The wheels of an archive by name. Raises RefusedError unless every byte is one that was asked for."""
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
    return files


def required(text: str) -> Iterator[tuple[str, str]]:
    """(hash, `name-version` as its wheel is called) of every line."""
    for line in text.splitlines():
        pinned, _, digest = line.partition(" --hash=sha256:")
        name, _, version = pinned.partition("==")
        yield digest, f"{name.replace('-', '_')}-{version}"


def install(wheels: Mapping[str, bytes], home: Path) -> None:
    """Lays the wheels out in a venv with PyPA's `installer`, which is one of them."""
    place, python = home / "wheels", home / "bin" / "python"
    place.mkdir()
    for name, content in wheels.items():
        (place / name).write_bytes(content)
    sys.path[:0] = [str(path) for path in place.glob("installer-*.whl")]
    import installer
    from installer.destinations import SchemeDictionaryDestination
    from installer.sources import WheelFile

    places = {kind: str(home / path) for kind, path in PLACES.items()}
    destination = SchemeDictionaryDestination(places, str(python), "posix", overwrite_existing=True)
    for name in wheels:
        with WheelFile.open(place / name) as wheel:
            installer.install(wheel, destination, additional_metadata={})
    shutil.rmtree(place)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
