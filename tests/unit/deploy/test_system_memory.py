"""What hosts answered when they were asked which system they have."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.macs import AUTO
from system_memory import known_systems, memory_path, remember_systems


def test_answers_are_kept_beside_the_fleet_file(tmp_path: Path) -> None:
    """More come later; what is no system counts as not asked."""
    fleet = tmp_path / "fleet.json5"
    assert known_systems(fleet) == {}
    remember_systems(fleet, {"mini": "darwin"})
    remember_systems(fleet, {"edge": "linux"})
    assert known_systems(fleet) == {"edge": "linux", "mini": "darwin"}
    memory_path(fleet).write_text('{\n  "edge": "linux",\n}\n')  # a person took the last line out
    assert known_systems(fleet) == {"edge": "linux"}
    memory_path(fleet).write_text('{"mini": "windows"}')
    assert known_systems(fleet) == {}
    assert memory_path(fleet).name == "fleet.os.lock.json5"


@pytest.mark.parametrize(
    ("text", "asks"), [("os: 'auto'", True), ('{"os": "auto"}', True), ("bind: 'auto'", False), ("os: 'linux'", False)]
)
def test_only_a_file_that_says_so_is_read_twice(text: str, asks: bool) -> None:
    """Reading a large fleet takes a moment."""
    assert bool(AUTO.search(text)) is asks
