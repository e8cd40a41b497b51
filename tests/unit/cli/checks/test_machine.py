from __future__ import annotations

import os
import time

from clawfleet.cli.checks.machine import judge_disk
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home


def test_little_room_warns_and_hardly_any_is_an_error() -> None:
    def seen(free_bytes: int, free_files: int | None = None) -> list[tuple[str, str]]:
        return [(one.check_id, one.severity) for one in judge_disk(free_bytes, free_files, "~")]

    assert seen(5 * 1024**3) == []
    assert seen(500 * 1024**2) == [("disk.space_low", "warning")]
    assert seen(10 * 1024**2) == [("disk.space_low", "error")]
    assert seen(5 * 1024**3, 10) == [("disk.inodes_low", "error")]


def test_the_disk_is_looked_at_before_the_state_dir_exists(home: Home, look: Look) -> None:
    home.state_dir.rmdir()
    assert "doctor.cannot_look" not in look("machine/disk")


def test_a_file_from_the_future_says_that_a_clock_is_wrong(home: Home, look: Look) -> None:
    home.write_config("{}")
    assert look("machine/clock") == {}
    later = time.time() + 7200
    os.utime(home.config_path, (later, later))
    assert "in the future" in look("machine/clock")["host.clock_behind"].message
