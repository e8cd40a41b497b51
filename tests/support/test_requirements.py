"""What a run of the tests says on a machine that lacks a part."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.images import ROOT
from tests.support.requirements import not_run

PLANTED = """
import pytest

@pytest.fixture
def started():
    raise RuntimeError("the fixture was started")

@pytest.mark.docker
def test_one(started): ...

@pytest.mark.docker
def test_two(): ...

def test_plain(): ...
"""


def _run(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A run of two tests that need Docker and one that does not, where no docker command is on PATH."""
    (folder / "conftest.py").write_text("from tests.conftest import *\n", encoding="utf-8")
    (folder / "test_planted.py").write_text(PLANTED, encoding="utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": str(folder), "HOME": str(folder)} | env,
        timeout=60,
        check=False,
    )


def test_a_missing_part_is_reported_as_not_run(tmp_path: Path) -> None:
    """The run is green, no fixture is started, and the end says how many were not run, why, and what to do."""
    done = _run(tmp_path, {})
    assert done.returncode == 0, done.stdout
    assert "1 passed, 2 skipped" in done.stdout
    assert "2 tests not run, needs docker: the docker command is not installed" in done.stdout
    assert "apt-get install docker.io" in done.stdout


def test_a_required_part_that_is_missing_fails(tmp_path: Path) -> None:
    """CLAWFLEET_REQUIRE turns the skip into a failure with the same text."""
    done = _run(tmp_path, {"CLAWFLEET_REQUIRE": "docker"})
    assert done.returncode == 1, done.stdout
    assert "needs docker: the docker command is not installed" in done.stdout
    assert "CLAWFLEET_REQUIRE names docker" in done.stdout


def test_an_unknown_required_part_stops_the_run(tmp_path: Path) -> None:
    """A typing error in CLAWFLEET_REQUIRE cannot quietly require nothing."""
    done = _run(tmp_path, {"CLAWFLEET_REQUIRE": "dokcer"})
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "CLAWFLEET_REQUIRE names dokcer; known are docker" in done.stdout + done.stderr


def test_other_skips_are_not_counted() -> None:
    """Only missing parts are summed up; one line each."""
    lines = not_run(["Skipped: needs npm: npm is not installed", "Skipped: only on macOS"])
    assert lines == ["1 test not run, needs npm: npm is not installed"]
