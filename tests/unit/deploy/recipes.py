"""Runs one operation against a host that only answers facts: facts in, commands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyinfra.api.command import FileUploadCommand, StringCommand
from pyinfra.context import ctx_host

from clawfleet.fleet.instance import GatewayInstance
from tests.unit.fleet.fleets import instances_of


class AnsweringHost:
    """A host as an operation sees it: facts by class name, and notes about what was left alone."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.asked: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def get_fact(self, fact: type, **arguments: Any) -> Any:
        self.asked.append(arguments)
        return self.facts[fact.__name__]

    def noop(self, note: str) -> None:
        self.notes.append(note)


@dataclass(frozen=True)
class Ran:
    """What an operation gave pyinfra: shell texts, what goes to their standard input, uploads."""

    commands: list[str]
    inputs: list[str]
    uploads: list[str]
    notes: list[str]


def run(operation: Any, facts: Mapping[str, Any], *arguments: Any, **named: Any) -> Ran:
    """The commands of one operation; never contacts anything."""
    host = AnsweringHost(facts)
    with ctx_host.use(host):
        made = list(operation._inner(*arguments, **named))
    texts = [item for item in made if isinstance(item, StringCommand)]
    return Ran(
        commands=[str(item) for item in texts],
        inputs=[str(item.connector_arguments["_stdin"]) for item in texts if "_stdin" in item.connector_arguments],
        uploads=[f"{item.src} -> {item.dest}" for item in made if isinstance(item, FileUploadCommand)],
        notes=host.notes,
    )


class Earlier:
    """An operation of the same run: `will_change` as a run that only looks knows it, or complete."""

    def __init__(self, *, changes: bool, complete: bool = False) -> None:
        self.will_change = changes
        self._complete = complete

    def is_complete(self) -> bool:
        return self._complete


def gateway(**fields: Any) -> GatewayInstance:
    """The instance `edge/ops` with these keys of the fleet file."""
    (item,) = instances_of(edge={"ops": fields})
    return item
