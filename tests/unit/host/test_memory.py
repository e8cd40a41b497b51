"""Memory in use, as the system tells it."""

from pathlib import Path

import pytest

from clawfleet.host import memory
from clawfleet.host.memory import resident_bytes


def test_it_grows_with_what_is_held_and_shrinks_when_it_is_let_go() -> None:
    before = resident_bytes()
    ballast = bytearray(64 * 1024 * 1024)
    full = resident_bytes()
    del ballast
    assert full - before > 48 * 1024 * 1024
    assert full - resident_bytes() > 48 * 1024 * 1024


def test_where_the_system_does_not_tell_it_is_the_most_it_ever_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "STATM", tmp_path / "absent")
    assert resident_bytes() > 5_000_000
