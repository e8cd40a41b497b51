"""The operator's fleet, read and checked once per run: file, remembered ports, secrets, wheelhouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from clawfleet.fleet.checks import check_fleet
from clawfleet.fleet.env_file import render_env
from clawfleet.fleet.expand import allocated_ports, expand
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models import Fleet
from clawfleet.fleet.parse import parse_fleet
from clawfleet.fleet.problems import FleetInvalidError, Problem
from config_check import find_config_problems
from secret_sources import Address, SecretSources
from wheelhouse import Wheelhouse, read_wheelhouse

HERE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """What the control machine's environment says: CLAWFLEET_FLEET and CLAWFLEET_WHEELHOUSE, as paths."""

    model_config = SettingsConfigDict(env_prefix="CLAWFLEET_", env_ignore_empty=True, extra="ignore", frozen=True)

    fleet: Path = HERE / "fleet.json5"
    wheelhouse: Path = HERE.parents[1] / "wheelhouse"


@dataclass(frozen=True)
class CheckedFleet:
    """A fleet that may be deployed. Secret values are kept out of `repr`; ask for a whole `.env` at a time."""

    path: Path
    fleet: Fleet
    instances: tuple[GatewayInstance, ...]
    wheelhouse: Wheelhouse
    wheelhouse_dir: Path
    warnings: tuple[Problem, ...]
    _values: Mapping[Address, str] = field(repr=False)

    def on(self, host: str) -> list[GatewayInstance]:
        """The gateways of one host, in the order of the file."""
        return [item for item in self.instances if item.host == host]

    def names(self) -> list[str]:
        """Every gateway name of the fleet once, in the order of the file."""
        return list(dict.fromkeys(item.name for item in self.instances))

    def env_text(self, instance: GatewayInstance) -> str:
        """The text of the gateway's `.env`."""
        return render_env({name: self._values[instance.id, name] for name in instance.secrets})


@lru_cache(maxsize=1)
def checked_fleet() -> CheckedFleet:
    """The fleet named by CLAWFLEET_FLEET (default `fleet.json5` here), with every secret resolved.

    Raises FleetInvalidError with all findings before anything else happens.
    """
    settings = Settings()
    path = settings.fleet.absolute()
    if not path.is_file():
        hint = f"copy {HERE / 'fleet.example.json5'} there, or name another file: CLAWFLEET_FLEET=…"
        raise FleetInvalidError(str(path), [Problem("file", "there is no fleet file", hint)])
    return load_fleet(path, settings.wheelhouse.absolute())


def load_fleet(path: Path, wheelhouse_dir: Path) -> CheckedFleet:
    """The fleet of one file. Remembers allocated ports beside it, generated secrets in its secrets file."""
    fleet = parse_fleet(path.read_text(encoding="utf-8"), path.name)
    ports = PortMemory(path)
    instances = expand(fleet, ports.read())
    sources = SecretSources(path.parent, path.parent / fleet.secrets_file)
    values = sources.resolve(instances)
    problems = [*check_fleet(fleet, instances, sources.fingerprints(values)), *sources.problems]
    problems += [*find_config_problems(instances), *_unwritable(instances, values)]
    wheelhouse, missing = _wheelhouse(fleet, wheelhouse_dir)
    problems += missing
    if wheelhouse is None or any(problem.level == "error" for problem in problems):
        raise FleetInvalidError(path.name, problems)
    ports.write(allocated_ports(fleet, instances))
    return CheckedFleet(path, fleet, instances, wheelhouse, wheelhouse_dir, tuple(problems), values)


class PortMemory:
    """The ports that were allocated, kept in `<fleet>.lock.json5` so that they never move by themselves."""

    def __init__(self, fleet_path: Path) -> None:
        self.path = fleet_path.with_name(f"{fleet_path.stem}.lock.json5")

    def read(self) -> dict[str, int]:
        """`host/gateway` → port; empty when nothing was allocated yet."""
        import json5

        return dict(json5.loads(self.path.read_text(encoding="utf-8"))["ports"]) if self.path.exists() else {}

    def write(self, allocated: Mapping[str, int]) -> None:
        """Adds what is new. Entries of gateways that are gone stay until a person removes them."""
        before = self.read()
        after = before | dict(allocated)
        if after != before:
            rows = "".join(f'    "{name}": {port},\n' for name, port in sorted(after.items()))
            self.path.write_text(
                f"// Ports that were allocated. Remove a line to free its port.\n{{\n  ports: {{\n{rows}  }},\n}}\n",
                encoding="utf-8",
            )


def _wheelhouse(fleet: Fleet, directory: Path) -> tuple[Wheelhouse | None, list[Problem]]:
    try:
        found = read_wheelhouse(directory)
    except FleetInvalidError as error:
        return None, list(error.problems)
    if fleet.release in {None, found.version}:
        return found, []
    message = f"the fleet wants release {fleet.release}, the wheelhouse holds {found.version}"
    return found, [Problem("wheelhouse", message, "check out that version and run `make wheelhouse`")]


def _unwritable(instances: tuple[GatewayInstance, ...], values: Mapping[Address, str]) -> list[Problem]:
    """Secrets that no `.env` can hold."""
    problems = []
    for (owner, name), value in values.items():
        try:
            render_env({name: value})
        except ValueError as error:
            problems.append(Problem("secret", f"{owner}: {error}", "use a value on one line"))
    return problems
