"""How a method is declared, and the table of all that were: name, scope, parameters, function.

    @method("sessions.list", scope="operator.read")
    async def list_sessions(call: Call, params: SessionsListParams) -> SessionsList: ...

`collect` scans this package, so adding a method is adding a function. What `hello-ok` advertises is this table.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

_MARK = "__rpc_method__"


class Params(BaseModel):
    """Parameters of a method: camelCase on the wire; unknown ones are ignored, newer clients send more."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


class StrictParams(Params):
    """Parameters of a method whose clients rely on unknown ones being refused."""

    model_config = ConfigDict(extra="forbid")


class NoParams(Params):
    """For methods that take nothing."""


class Result(BaseModel):
    """A method's answer: camelCase on the wire, what is None is left out unless `keeps_none`."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)
    keeps_none: ClassVar[bool] = False


Handler = Callable[[Any, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """One callable method. `scope` None: every connected client may call it."""

    name: str
    scope: str | None
    params: type[Params]
    run: Handler


def method(name: str, *, scope: str | None) -> Callable[[Handler], Handler]:
    """Declare an async function `(call, params)` as the method `name`; its annotation names the params model."""

    def declare(function: Handler) -> Handler:
        setattr(function, _MARK, (name, scope))
        return function

    return declare


def collect(package: ModuleType) -> Mapping[str, Method]:
    """Every method that a module of `package` declares, by name. A name declared twice is a `ValueError`."""
    table: dict[str, Method] = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for _, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            if function.__module__ != module.__name__ or (mark := getattr(function, _MARK, None)) is None:
                continue
            name, scope = mark
            if name in table:
                raise ValueError(f"method {name} is declared twice")
            table[name] = Method(name, scope, typing.get_type_hints(function)["params"], function)
    return table


def to_wire(result: Any) -> Any:
    """A method's return value as JSON-able data."""
    if isinstance(result, Result):
        return result.model_dump(mode="json", by_alias=True, exclude_none=not result.keeps_none)
    if isinstance(result, list):
        return [to_wire(item) for item in result]
    return result
