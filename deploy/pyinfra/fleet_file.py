"""The operator's fleet, read and checked once per run: file, remembered ports, secrets, wheelhouse."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from clawfleet.fleet.checks import check_fleet
from clawfleet.fleet.env_file import render_env
from clawfleet.fleet.expand import allocated_ports, expand
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.overlay import READ_ONLY
from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.problems import FleetInvalidError, Problem
from clawfleet.fleet.systems import settled
from config_check import find_config_problems
from machines import fits, known_machines, make_words
from operator_files import read_memory, read_text, write_whole
from sandbox_image import WantedImage, wanted_images
from secret_sources import Address, SecretSources
from settings import Settings
from system_memory import known_systems
from wheelhouse import Wheelhouse
from wheelhouses import read_wheelhouses

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class CheckedFleet:
    """A fleet that may be deployed. Secret values are kept out of `repr`; ask for a whole `.env` at a time."""

    path: Path
    fleet: Fleet
    instances: tuple[GatewayInstance, ...]
    wheelhouses: Mapping[str, Wheelhouse]
    warnings: tuple[Problem, ...]
    _values: Mapping[Address, str] = field(repr=False)
    sudo_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    images: Mapping[str, WantedImage] = field(default_factory=dict)
    auth_keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    def on(self, host: str) -> list[GatewayInstance]:
        """The gateways of one host, in the order of the file."""
        return [item for item in self.instances if item.host == host]

    def wheelhouse_of(self, instance: GatewayInstance) -> Wheelhouse:
        """The release that the gateway shall run."""
        return self.wheelhouses[instance.id]

    def wheelhouses_of(self, instances: Sequence[GatewayInstance]) -> list[Wheelhouse]:
        """The releases that these gateways shall run, each once, sorted by name."""
        return sorted({self.wheelhouse_of(item) for item in instances}, key=lambda house: house.release)

    def names(self) -> list[str]:
        """Every gateway name of the fleet once, in the order of the file."""
        return list(dict.fromkeys(item.name for item in self.instances))

    def secret_values(self) -> list[str]:
        """Every value that no output may show, longest first."""
        of_hosts = (*self.sudo_passwords.values(), *self.auth_keys.values())
        return sorted({*self._values.values(), *of_hosts}, key=len, reverse=True)

    def env_text(self, instance: GatewayInstance) -> str:
        """The text of the gateway's `.env`."""
        values = {name: self._values[instance.id, name] for name in instance.secrets}
        # Also for people's shells: a command reads `.env`, and not the unit.
        return render_env(values | (READ_ONLY if instance.config_mode == "managed" else {}))


@dataclass(frozen=True)
class Examined:
    """A fleet as its file says, with everything that is wrong with it. Nothing was written."""

    path: Path
    fleet: Fleet
    instances: tuple[GatewayInstance, ...]
    problems: tuple[Problem, ...]
    sources: SecretSources = field(repr=False)
    values: Mapping[Address, str] = field(repr=False)
    sudo_passwords: Mapping[str, str] = field(repr=False)
    auth_keys: Mapping[str, str] = field(repr=False)

    @property
    def is_sound(self) -> bool:
        """Whether nothing but warnings was found."""
        return all(problem.level == "warning" for problem in self.problems)


@lru_cache(maxsize=1)
def checked_fleet() -> CheckedFleet:
    """The fleet named by CLAWFLEET_FLEET (default `fleet.json5` here), with every secret resolved.

    Raises FleetInvalidError with all findings before anything else happens.
    """
    settings = Settings()
    return load_fleet(settings.fleet, settings.wheelhouse)


def load_fleet(path: Path, wheelhouse_dir: Path) -> CheckedFleet:
    """The fleet of one file. Remembers allocated ports beside it, generated secrets in its secrets file."""
    found = examine(path)
    wheelhouses, missing = _wheelhouses(found.instances, wheelhouse_dir, known_machines(path))
    linux = {item.host for item in found.instances if item.os == "linux"}
    images, without = wanted_images(found.fleet, linux, path.parent, Settings().cache)
    problems = (*found.problems, *missing, *without)
    if any(problem.level == "error" for problem in problems):
        raise FleetInvalidError(path.name, problems)
    values = found.sources.keep(found.values)
    PortMemory(path).write(allocated_ports(found.fleet, found.instances))
    return CheckedFleet(
        path,
        found.fleet,
        found.instances,
        wheelhouses,
        problems,
        values,
        sudo_passwords=found.sudo_passwords,
        images=images,
        auth_keys=found.auth_keys,
    )


def examine(path: Path) -> Examined:
    """The fleet of one file with all findings, secrets resolved; no host is contacted.

    Raises FleetInvalidError when the file cannot be read as a fleet at all.
    """
    fleet, instances = read_fleet(path)
    sources = SecretSources(path.parent, path.parent / fleet.secrets_file, fleet.age_identity)
    values = sources.resolve(instances)
    passwords, keys = sources.sudo_passwords(fleet.hosts), sources.auth_keys(fleet.hosts)
    problems = [*check_fleet(fleet, instances, sources.fingerprints(values)), *sources.problems]
    problems += [*find_config_problems(instances), *_unwritable(instances, values)]
    return Examined(path, fleet, instances, tuple(problems), sources, values, passwords, keys)


def sudo_passwords(path: Path, fleet: Fleet, hosts: Collection[str]) -> dict[str, str]:
    """The passwords that sudo wants on these hosts. Raises FleetInvalidError when one cannot be had."""
    sources = SecretSources(path.parent, path.parent / fleet.secrets_file, fleet.age_identity)
    found = sources.sudo_passwords({name: host for name, host in fleet.hosts.items() if name in hosts})
    if sources.problems:
        raise FleetInvalidError(path.name, sources.problems)
    return found


def read_fleet(path: Path) -> tuple[Fleet, tuple[GatewayInstance, ...]]:
    """The fleet of a file, of a directory of files, or of both, and its gateways; no secret resolved.

    Beside `fleet.json5` the files of `fleet.d` count too. Raises FleetInvalidError.
    """
    files = fleet_files(path)
    if not files:
        hint = f"copy {HERE / 'fleet.example.json5'} there, or name another file: --fleet FILE, CLAWFLEET_FLEET=FILE"
        raise FleetInvalidError(str(path), [Problem("file", "there is no fleet file", hint)])
    fleet = parse_files({str(file.relative_to(path.parent)): read_text(file) for file in files})
    fleet = settled(fleet, known_systems(path))
    return fleet, expand(fleet, PortMemory(path).read())


def fleet_files(path: Path) -> list[Path]:
    """The files that make the fleet, in the order of their names after the one that was named."""
    directory = path if path.is_dir() else path.with_suffix(".d")
    beside = [file for file in sorted(directory.glob("*.json5")) if not file.name.endswith(".lock.json5")]
    return beside if path.is_dir() or not path.is_file() else [path, *beside]


class PortMemory:
    """The ports that were allocated, kept in `<fleet>.lock.json5` so that they never move by themselves."""

    def __init__(self, fleet_path: Path) -> None:
        self.path = fleet_path.with_name(f"{fleet_path.stem}.lock.json5")

    def read(self) -> dict[str, int]:
        """`host/gateway` → port; empty when nothing was allocated yet. Raises FleetInvalidError."""
        return dict(read_memory(self.path).get("ports", {}))

    def write(self, allocated: Mapping[str, int]) -> None:
        """Adds what is new. Entries of gateways that are gone stay until a person removes them."""
        before = self.read()
        after = before | dict(allocated)
        if after != before:
            rows = "".join(f'    "{name}": {port},\n' for name, port in sorted(after.items()))
            head = "// Ports that were allocated. Remove a line to free its port."
            write_whole(self.path, f"{head}\n{{\n  ports: {{\n{rows}  }},\n}}\n")


def _wheelhouses(
    instances: Sequence[GatewayInstance], directory: Path, machines: Mapping[str, str]
) -> tuple[dict[str, Wheelhouse], list[Problem]]:
    """The release of every gateway, and which of them cannot be had; `machines` is what hosts said of themselves."""
    there = read_wheelhouses(directory)
    found: dict[str, Wheelhouse] = {}
    problems: list[Problem] = []
    kinds = {item.id: (item.release, item.os, machines.get(item.host, "")) for item in instances}
    for kind in dict.fromkeys(kinds.values()):
        mine = [name for name, other in kinds.items() if other == kind]
        try:
            house = there.pick(*kind)
            found |= dict.fromkeys(mine, house)
            problems += _older(mine, house, there.found[0], kind[2])
        except FleetInvalidError as error:
            who = f"{', '.join(mine[:3])}{' and others' if len(mine) > 3 else ''}"
            problems += [replace(problem, message=f"{who}: {problem.message}") for problem in error.problems]
    return found, problems


def _older(mine: Sequence[str], house: Wheelhouse, newest: Wheelhouse, machine: str) -> Iterator[Problem]:
    """Tells that hosts of another kind than most do not get the newest version: their wheels were not made anew."""
    if machine and fits(house, machine) and not fits(newest, machine) and house.version != newest.version:
        who = f"{', '.join(mine[:3])}{' and others' if len(mine) > 3 else ''}"
        message = f"{who}: the wheels for {house.platform} are of {house.version}, the newest of {newest.version}"
        yield Problem("wheelhouse", message, make_words(machine), "warning")


def _unwritable(instances: tuple[GatewayInstance, ...], values: Mapping[Address, str]) -> list[Problem]:
    """Secrets that no `.env` can hold."""
    problems = []
    for (owner, name), value in values.items():
        try:
            render_env({name: value})
        except ValueError as error:
            problems.append(Problem("secret", f"{owner}: {error}", "use a value on one line"))
    return problems
