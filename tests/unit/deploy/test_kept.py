"""What root reads and writes where a gateway's user may have put something else."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import kept


@pytest.fixture(params=["pipe", "device", "long"])
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What a user may put where a file is looked for: it gives nothing for ever, or has no end."""
    place = tmp_path / ".env"
    if request.param == "pipe":
        os.mkfifo(place)
    elif request.param == "device":
        place.symlink_to("/dev/zero")
    else:
        with place.open("wb") as file:
            file.truncate(kept.LONGEST + 1)
    return place


@pytest.fixture
def impatient() -> Iterator[None]:
    """Fails the test instead of hanging with it."""

    def give_up(*_: object) -> None:
        raise AssertionError("it was waited for")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("impatient")
def test_what_has_no_end_holds_nobody_up(planted: Path) -> None:
    """A look at one host is a look at all of its gateways."""
    assert kept.read_as("root", str(planted)) is None


def test_a_file_is_judged_by_one_look(tmp_path: Path) -> None:
    """Its bytes and its mode are those of one file, whatever takes its place meanwhile."""
    (tmp_path / "unit").write_bytes(b"[Unit]\n")
    (tmp_path / "unit").chmod(0o640)
    assert kept.looked_at("root", str(tmp_path / "unit")) == (b"[Unit]\n", "640")


def test_a_copy_that_fails_takes_no_room(tmp_path: Path) -> None:
    """The disk may be full because of it; what was there before stays."""

    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    kept.write_private(tmp_path / "archive", b"of yesterday")
    with pytest.raises(OSError, match="No space left"):
        kept.copy_private(Breaks(), tmp_path / "archive")
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]
    assert (tmp_path / "archive").read_bytes() == b"of yesterday"
