"""Container images for the tests: the Debian base, images built once per content, wheels brought in from outside.

Nothing here needs a registry: the base comes from sandbox-image/base.sh, and a build gets its Python packages as
wheels that this machine's pip downloaded for the image's Python.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from tests.support.parallel import one_at_a_time

ROOT = Path(__file__).resolve().parents[2]
BASE_IMAGE = "debian:bookworm-slim"
SANDBOX_IMAGE = "openclaw-sandbox:bookworm-slim"
BASE_PYTHON = "3.11"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
# The base's C library is 2.36; older wheels run on it too.
MANYLINUX = ("manylinux_2_34", "manylinux_2_31", "manylinux_2_28", "manylinux_2_24", "manylinux_2_17", "manylinux2014")
BUILD_LIMIT_S = 900.0
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


class ImageFailed(Exception):
    """An image could not be made; the text ends with the last words of the tool that failed."""


def base_image() -> str:
    """`debian:bookworm-slim`, present in the local engine."""
    with one_at_a_time("base-image"):
        _run(["bash", str(ROOT / "sandbox-image" / "base.sh")])
    return BASE_IMAGE


def sandbox_image() -> str:
    """`openclaw-sandbox:bookworm-slim`, built from sandbox-image/ as it is now."""
    with one_at_a_time("sandbox-image"):
        _run(["bash", str(ROOT / "sandbox-image" / "build.sh")])
    return SANDBOX_IMAGE


def build(name: str, context: Path, *, extra: Mapping[str, Path] | None = None) -> str:
    """The tag of the image of `context/Dockerfile`, built if this very content was not built before.

    `extra` adds directories to the context under the given names (`{"wheels": wheelhouse(...)}`).
    """
    with tempfile.TemporaryDirectory(prefix="clawfleet-context-") as folder:
        staged = Path(folder) / "context"
        shutil.copytree(context, staged, ignore=LEFT_OUT)
        for target, source in (extra or {}).items():
            shutil.copytree(source, staged / target, ignore=LEFT_OUT)
        tag = f"clawfleet-test/{name}:{content_hash(staged)}"
        with one_at_a_time(f"image-{name}"):
            if not _exists(tag):
                base_image()
                _run(["docker", "build", "-q", "-t", tag, str(staged)])
        return tag


def content_hash(folder: Path) -> str:
    """Twelve hex digits over the names, executable bits and bytes of all files below a folder."""
    digest = hashlib.sha256()
    for path in _files(folder):
        executable = os.access(path, os.X_OK)
        digest.update(f"{path.relative_to(folder).as_posix()}\0{int(executable)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def installed(*names: str) -> list[str]:
    """Requirements for the versions that this environment itself runs: `["aiohttp==3.14.5"]`."""
    return [f"{name}=={metadata.version(name)}" for name in names]


def wheelhouse(*requirements: str) -> Path:
    """A folder with the wheels of some requirements and all they need, for the base image's Python.

    Downloaded once per set of requirements and machine type, then kept under the user's cache directory.
    """
    machine = MACHINES[_run(["docker", "version", "--format", "{{.Server.Arch}}"]).strip()]
    wanted = "\n".join([*sorted(requirements), BASE_PYTHON, machine])
    name = f"wheels-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    with one_at_a_time(name) as base:
        place = base / name
        if not place.is_dir():
            _download(requirements, machine, place)
    return place


def _download(requirements: tuple[str, ...], machine: str, place: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="wheels-", dir=place.parent) as folder:
        fresh = Path(folder) / "wheels"
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--only-binary=:all:"]
        platforms = [word for tag in MANYLINUX for word in ("--platform", f"{tag}_{machine}")]
        _run([*pip, "-d", str(fresh), "--python-version", BASE_PYTHON, *platforms, *requirements])
        fresh.rename(place)


def _exists(tag: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", tag], capture_output=True, check=False).returncode == 0


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_LIMIT_S, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise ImageFailed(f"{' '.join(command[:4])} … ended with {done.returncode}:\n{last}")
    return done.stdout
