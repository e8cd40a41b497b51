"""Which wheels a host gets, by what it says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from clawfleet.fleet.models.host import Connect
from control import machines as asking
from control.machines import ANSWER, load_for_hosts
from control.reach import Reach
from fleet_file import load_fleet
from machines import WORDS, fits, known_machines, make_words, memory_path, remember_machines
from wheelhouse import Wheelhouse, write_wheelhouse
from wheelhouses import read_wheelhouses

HOUSE = Wheelhouse("1.0.0", "3.11", "x86_64", "a", "b", "c" * 8, glibc="2.34")
MAC = replace(HOUSE, system="Darwin", machine="arm64", python="3.12", glibc="")


@pytest.mark.parametrize(
    ("house", "told", "can"),
    [
        (HOUSE, "3.11 Linux x86_64 2.36", True),
        (HOUSE, "3.11 Linux x86_64 2.34", True),
        (HOUSE, "3.11 Linux x86_64 2.4", False),
        (HOUSE, "3.11 Linux x86_64", False),
        (HOUSE, "3.12 Linux x86_64 2.39", False),
        (HOUSE, "3.11 Linux aarch64 2.36", False),
        (replace(HOUSE, glibc=""), "3.11 Linux x86_64", True),
        (MAC, "3.14 Darwin arm64", True),
        (MAC, "3.12 Darwin x86_64", False),
    ],
)
def test_what_a_host_can_use(house: Wheelhouse, told: str, can: bool) -> None:
    """Linux has the Python that it has, and a C library as old as it is; a Mac is brought the Python."""
    assert fits(house, told) is can


def test_this_machine_says_what_it_is_in_the_words_that_are_read() -> None:
    """With the interpreter that it has."""
    done = subprocess.run([sys.executable, "-c", WORDS], capture_output=True, text=True, check=True)
    assert ANSWER.fullmatch(done.stdout.strip())
    assert make_words("3.11 Linux aarch64 2.36") == "make wheelhouse PLATFORM=linux-aarch64 PY=3.11"
    assert make_words("3.12 Darwin arm64") == "make wheelhouse PLATFORM=macosx_14_0_arm64 PY=3.12"


def test_answers_are_kept_beside_the_fleet_file(tmp_path: Path) -> None:
    """For looks that contact nobody."""
    fleet = tmp_path / "fleet.json5"
    assert known_machines(fleet) == {}
    remember_machines(fleet, {"b": "3.11 Linux aarch64 2.36"})
    remember_machines(fleet, {"a": "3.11 Linux x86_64 2.36"})
    assert list(known_machines(fleet)) == ["a", "b"]
    assert memory_path(fleet).name == "fleet.machines.lock.json5"


def wheelhouse(directory: Path, version: str, *target: str) -> Wheelhouse:
    """One with a single wheel."""
    directory.mkdir(exist_ok=True)
    for old in directory.glob("*.whl"):
        old.unlink()
    (directory / f"clawfleet-{version}-py3-none-any.whl").write_text(" ".join((version, *target)))
    return write_wheelhouse(directory, *target)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Wheels for two architectures."""
    place = tmp_path / "wheels"
    wheelhouse(place, "1.0.0", "linux-x86_64", "3.11")
    wheelhouse(place / "linux-aarch64-py3.11", "1.0.0", "linux-aarch64", "3.11")
    return place


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Two hosts."""
    hosts = {name: {"connect": {"hostname": name}, "gateways": {"default": {}}} for name in ("big", "small")}
    path = tmp_path / "fleet.json5"
    path.write_text(json.dumps({"version": 1, "hosts": hosts}))
    return path


def test_each_host_gets_the_wheels_of_its_machine(wheels: Path, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked at the first contact; one that does not answer is what it was."""
    answers = {"big": "3.11 Linux x86_64 2.36", "small": "3.11 Linux aarch64 2.36"}
    asked: list[str] = []

    async def machine(reach: Reach) -> str:
        asked.append(reach.host)
        return answers.get(reach.host, "")

    monkeypatch.setattr(asking, "_machine", machine)
    checked = load_for_hosts(fleet, wheels, ())
    kinds = {item.host: checked.wheelhouse_of(item).machine for item in checked.instances}
    assert (kinds, asked) == ({"big": "x86_64", "small": "aarch64"}, ["big", "small"])
    answers.clear()
    again = load_for_hosts(fleet, wheels, ["small"])
    assert (again.wheelhouses, asked[2:]) == (checked.wheelhouses, ["small"])


def test_nobody_is_asked_where_there_is_no_choice(wheels: Path, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheels of one platform, however many releases of it, are for all."""
    monkeypatch.delattr(asking, "_machine")
    wheelhouse(wheels, "1.1.0", "linux-x86_64", "3.11")
    (wheels / "linux-aarch64-py3.11" / "manifest.json").unlink()
    there = read_wheelhouses(wheels)
    assert (len(there.found), there.is_a_choice("linux")) == (2, False)
    assert {house.version for house in load_for_hosts(fleet, wheels, ()).wheelhouses.values()} == {"1.1.0"}
    assert not memory_path(fleet).exists()


def test_wheels_that_were_not_made_anew_are_told(wheels: Path, fleet: Path) -> None:
    """Else a part of the fleet would stay behind, and nobody would see it."""
    remember_machines(fleet, {"small": "3.11 Linux aarch64 2.36"})
    assert load_fleet(fleet, wheels).warnings == ()
    wheelhouse(wheels, "1.1.0", "linux-x86_64", "3.11")
    (told,) = load_fleet(fleet, wheels).warnings
    assert (told.level, told.hint) == ("warning", "make wheelhouse PLATFORM=linux-aarch64 PY=3.11")
    assert told.message == "small/default: the wheels for 3.11 Linux aarch64 are of 1.0.0, the newest of 1.1.0"


async def test_this_machine_as_a_host_answers(tmp_path: Path) -> None:
    """Without sudo; one that cannot be reached does not."""
    assert ANSWER.fullmatch(await asking._machine(Reach("here", Connect(via="local"), tmp_path)))
    assert not await asking._machine(Reach("gone", Connect(hostname="127.0.0.1", port=1), tmp_path))
