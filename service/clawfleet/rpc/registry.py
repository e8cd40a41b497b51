"""How a method is declared, and the table of all that were: name, scope, parameters, function.

    @method("sessions.list", scope="operator.read")
    async def list_sessions(call: Call, params: SessionsListParams) -> SessionsList: ...

`collect` scans this package, so adding a method is adding a function. A running gateway goes by the index of what the
scan found (`rpc.index`) and imports a family when one of its methods is called.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Literal, TypedDict, Unpack

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

_MARK = "__rpc_method__"

Role = Literal["operator", "node"]


class _MoreTerms(TypedDict, total=False):
    further: Callable[[Any], str | None] | None
    role: Role
    once: bool
    limited: bool
    advertised: bool


class Params(BaseModel):
    """Parameters of a method: camelCase on the wire; unknown ones are ignored, newer clients send more."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore", defer_build=True
    )


class StrictParams(Params):
    """Parameters of a method whose clients rely on unknown ones being refused."""

    model_config = ConfigDict(extra="forbid")


class NoParams(Params):
    """For methods that take nothing."""


class Result(BaseModel):
    """A method's answer: camelCase on the wire, what is None is left out unless `keeps_none`."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, defer_build=True)
    keeps_none: ClassVar[bool] = False


Handler = Callable[[Any, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms a method may be called.

    scope: what the caller must hold; None asks for nothing.
    further: what these very parameters ask for besides (`sessions.patch` of a label is no administrator's matter).
    role: who calls it, an operator or a node.
    once: a repeated `idempotencyKey` gets the first answer, also after a restart (`store.answers`).
    limited: one of the control plane's writes, of which a client has 30 per minute.
    advertised: whether `hello-ok` names it; some methods are known by those who need them only.
    """

    scope: str | None
    further: Callable[[Any], str | None] | None = None
    role: Role = "operator"
    once: bool = False
    limited: bool = False
    advertised: bool = True


@dataclass(frozen=True, slots=True)
class Method:
    """One callable method."""

    name: str
    terms: Terms
    params: type[Params]
    run: Handler


def method(name: str, *, scope: str | None, **terms: Unpack[_MoreTerms]) -> Callable[[Handler], Handler]:
    """Declare an async function `(call, params)` as the method `name`; its annotation names the params model.

    The keywords are those of `Terms`.
    """

    def declare(function: Handler) -> Handler:
        setattr(function, _MARK, (name, Terms(scope, **terms)))
        return function

    return declare


def collect(package: ModuleType) -> Mapping[str, Method]:
    """Every method that a module of `package` declares, by name. A name declared twice is a `ValueError`."""
    table: dict[str, Method] = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for declared in declared_in(importlib.import_module(info.name)):
            if declared.name in table:
                raise ValueError(f"method {declared.name} is declared twice")
            table[declared.name] = declared
    return table


def declared_in(module: ModuleType) -> Iterator[Method]:
    """The methods that `module` itself declares."""
    for _, function in inspect.getmembers(module, inspect.iscoroutinefunction):
        if function.__module__ == module.__name__ and (mark := getattr(function, _MARK, None)) is not None:
            name, terms = mark
            yield Method(name, terms, typing.get_type_hints(function)["params"], function)


def to_wire(result: Any) -> Any:
    """A method's return value as JSON-able data."""
    if isinstance(result, Result):
        return result.model_dump(mode="json", by_alias=True, exclude_none=not result.keeps_none)
    if isinstance(result, list):
        return [to_wire(item) for item in result]
    return result
