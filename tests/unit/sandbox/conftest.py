"""A Docker API to talk to, without Docker."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sandbox.fake_docker import FakeDocker


@pytest.fixture
def fake_docker() -> Iterator[FakeDocker]:
    """On a socket with a short path: the system allows about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        server = FakeDocker(Path(folder) / "docker.sock")
        yield server
        server.close()
