"""Which releases can be deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.fleet.problems import FleetInvalidError
from wheelhouse import KEPT, Wheelhouse, write_wheelhouse
from wheelhouses import newest, read_wheelhouses


def made(directory: Path, version: str, content: str = "wheel") -> Wheelhouse:
    """What `make wheelhouse` leaves for a checkout of that version."""
    directory.mkdir(exist_ok=True)
    for old in directory.glob("*.whl"):
        old.unlink()
    (directory / f"clawfleet-{version}-py3-none-any.whl").write_text(content)
    return write_wheelhouse(directory)


def test_the_release_before_stays_and_can_be_named(tmp_path: Path) -> None:
    """By its version or as that very release; without a name the one made last counts."""
    old, new = made(tmp_path, "1.0.0"), made(tmp_path, "1.1.0")
    there = read_wheelhouses(tmp_path)
    assert there.releases == [new.release, old.release]
    assert (there.pick(None), there.pick("1.0.0"), there.pick(old.release)) == (new, old, old)
    assert there.pick("1.0.0").directory == tmp_path / old.release


def test_of_two_of_a_version_the_newer_counts(tmp_path: Path) -> None:
    """The same version built twice is two releases."""
    made(tmp_path, "1.0.0")
    again = made(tmp_path, "1.0.0", "changed")
    assert read_wheelhouses(tmp_path).pick("1.0.0") == again


def test_a_release_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    """Nobody is contacted for it."""
    old = made(tmp_path, "1.0.0")
    with pytest.raises(FleetInvalidError) as caught:
        read_wheelhouses(tmp_path).pick("2.0.0")
    assert f"holds release 2.0.0: {old.release}" in caught.value.report()
    with pytest.raises(FleetInvalidError) as caught:
        read_wheelhouses(tmp_path / "none").pick(None)
    assert "make wheelhouse" in caught.value.report()


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    """A checkout that is built every day does not fill the disk."""
    for patch in range(KEPT + 3):
        made(tmp_path, f"1.0.{patch}")
    there = read_wheelhouses(tmp_path)
    assert len(there.found) == KEPT + 1
    assert newest(there.found).version == f"1.0.{KEPT + 2}"


def test_versions_are_compared_by_number() -> None:
    """1.10 is newer than 1.9."""
    houses = [Wheelhouse(version, "3.11", "x86_64", "a", "b", "c" * 8) for version in ("1.9.0", "1.10.0", "1.2.0")]
    assert newest(houses).version == "1.10.0"


def test_a_mac_gets_the_wheels_for_macs(tmp_path: Path) -> None:
    """They lie beside those for Linux, and stay there however many releases come after them."""
    linux, place = made(tmp_path, "1.0.0"), tmp_path / "macosx_14_0_arm64-py3.12"
    place.mkdir()
    (place / "clawfleet-1.0.0-py3-none-any.whl").write_text("wheel")
    (place / "cffi-1.0-cp312-cp312-macosx_11_0_arm64.whl").write_text("wheel")
    mac = write_wheelhouse(place, "macosx_14_0_arm64", "3.12")
    assert (mac.platform, linux.system) == ("3.12 Darwin arm64", "Linux")
    for number in range(1, KEPT + 3):
        newer = made(tmp_path, f"1.{number}.0")
    there = read_wheelhouses(tmp_path)
    assert (there.pick(None, "darwin"), there.pick(None)) == (mac, newer)
    assert there.pick(f"1.{number}.0", "darwin") == newer  # whether it fits is what the host says
    with pytest.raises(SystemExit, match="must end in arm64"):
        write_wheelhouse(place, "macosx_14_0_riscv", "3.12")
