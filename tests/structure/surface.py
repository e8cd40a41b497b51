"""Prints the commands, or the config keys, of the clawfleet on PYTHONPATH as a JSON list: `surface.py commands|keys`.

Run as a program in its own interpreter, so that a checkout can be asked without importing it into the tests.
A part that does not exist yet has an empty list.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import typing
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union

CLI_MODULE = "clawfleet.cli.main"
CONFIG_MODULE = "clawfleet.config.models.root"


def commands() -> list[str]:
    """Full names of all commands that do something and are not hidden, sorted."""
    if not _exists(CLI_MODULE):
        return []
    import click

    module = importlib.import_module(CLI_MODULE)
    candidates = [getattr(module, "main", None), *vars(module).values()]
    top = next((value for value in candidates if isinstance(value, click.Group)), None)
    if top is None:
        raise SystemExit(f"{CLI_MODULE} holds no click group")

    def walk(group: click.Group, prefix: str) -> Iterator[str]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is None or command.hidden:
                continue
            if isinstance(command, click.Group):
                yield from walk(command, f"{prefix}{name} ")
            if not isinstance(command, click.Group) or command.invoke_without_command:
                yield f"{prefix}{name}"

    return sorted(walk(top, ""))


def keys() -> list[str]:
    """Dotted paths of all config keys that hold a value, in the spelling of the file, sorted."""
    if not _exists(CONFIG_MODULE):
        return []
    return sorted(set(_keys(importlib.import_module(CONFIG_MODULE).Config, "", ())))


def _keys(model: Any, prefix: str, above: tuple[Any, ...]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        alias = field.alias or field.serialization_alias or name
        inner = [found for found in _models(field.annotation, f"{prefix}{alias}") if found[0] not in above]
        if not inner:
            yield f"{prefix}{alias}"
        for nested, path in inner:
            yield from _keys(nested, f"{path}.", (*above, model))


def _models(annotation: Any, path: str) -> Iterator[tuple[Any, str]]:
    """(model, path) for every pydantic model inside an annotation; a map adds `.<id>`, a list `[]`."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if hasattr(annotation, "__value__"):
        yield from _models(annotation.__value__, path)
    elif origin is Annotated:
        yield from _models(inner[0], path)
    elif origin in (Union, UnionType):
        for part in inner:
            yield from _models(part, path)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _models(inner[1], f"{path}.<id>")
    elif origin in (list, tuple, set, frozenset):
        for part in inner:
            yield from _models(part, f"{path}[]")
    elif isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        yield annotation, path


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    print(json.dumps({"commands": commands, "keys": keys}[sys.argv[1]]()))
