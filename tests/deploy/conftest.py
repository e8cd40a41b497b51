"""Fixtures of the deploy tests: a wheelhouse of this checkout, and a fleet that is deployed once."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.fleets import ROOT, Fleet, Run, remove, two_hosts

pytest.importorskip("pyinfra", reason="pyinfra is not installed: pip install -e '.[deploy]'")


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make wheelhouse` makes, in a place of its own."""
    directory = tmp_path_factory.mktemp("wheelhouse")
    done = subprocess.run(
        [ROOT / "deploy" / "wheelhouse.sh", directory],
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return directory


@pytest.fixture(scope="session")
def fresh_fleet(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Iterator[Fleet]:
    """Two hosts on which nothing was ever deployed."""
    fleet = two_hosts(tmp_path_factory.mktemp("fleet"), wheelhouse)
    yield fleet
    remove(fleet)


@pytest.fixture(scope="session")
def first_run(fresh_fleet: Fleet) -> Run:
    """The first deploy of the fleet."""
    return fresh_fleet.deploy()


@pytest.fixture
def fleet(fresh_fleet: Fleet, first_run: Run) -> Iterator[Fleet]:
    """The deployed fleet. A test may change the fleet file; afterwards the hosts are as the first file says."""
    tree = copy.deepcopy(fresh_fleet.tree)
    yield fresh_fleet
    if fresh_fleet.tree != tree:
        fresh_fleet.tree = tree
        fresh_fleet.deploy()
