"""Methods are declared once, found by a scan, and answer in the wire's spelling."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from clawfleet import rpc
from clawfleet.rpc.registry import NoParams, Params, Result, StrictParams, collect, method, to_wire


class PokeParams(Params):
    how_often: int = 1


@method("house.poke", scope="operator.write")
async def poke(call: Any, params: PokeParams) -> dict[str, int]:
    return {"poked": params.how_often}


def package_of(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> ModuleType:
    """A package that holds just these modules."""
    package = ModuleType("planted")
    package.__path__ = []
    by_name = {module.__name__: module for module in modules}

    class Info:
        def __init__(self, name: str) -> None:
            self.name = name

    monkeypatch.setattr(pkgutil, "walk_packages", lambda path, prefix: [Info(name) for name in by_name])
    monkeypatch.setattr(importlib, "import_module", by_name.__getitem__)
    return package


def module_with(name: str, **functions: Any) -> ModuleType:
    module = ModuleType(name)
    for label, function in functions.items():
        function.__module__ = name
        setattr(module, label, function)
    return module


def test_the_scan_finds_name_scope_and_params_of_every_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poke, "__module__", "planted.pokes")
    table = collect(package_of(monkeypatch, module_with("planted.pokes", poke=poke)))
    assert list(table) == ["house.poke"]
    assert table["house.poke"].terms.scope == "operator.write"
    assert table["house.poke"].params is PokeParams


def test_a_method_that_is_imported_elsewhere_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poke, "__module__", "planted.pokes")
    home, guest = module_with("planted.pokes", poke=poke), ModuleType("planted.guest")
    guest.poke = poke  # type: ignore[attr-defined]
    assert list(collect(package_of(monkeypatch, home, guest))) == ["house.poke"]


def test_a_name_that_is_declared_twice_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    @method("house.poke", scope=None)
    async def other(call: Any, params: NoParams) -> None:
        return None

    monkeypatch.setattr(poke, "__module__", "planted.pokes")
    package = package_of(monkeypatch, module_with("planted.pokes", poke=poke), module_with("planted.more", other=other))
    with pytest.raises(ValueError, match=r"house\.poke is declared twice"):
        collect(package)


def test_everything_on_offer_says_what_it_does_and_takes_params() -> None:
    table = collect(rpc)
    assert {"health", "status", "chat.send", "chat.history", "chat.abort", "agent", "config.get"} <= set(table)
    assert {"models.list", "agents.list", "sessions.list", "logs.tail", "system-presence"} <= set(table)
    for entry in table.values():
        assert issubclass(entry.params, Params), entry.name
        assert entry.run.__doc__, entry.name


def test_params_are_read_in_the_wires_spelling_and_newer_ones_ignored() -> None:
    assert PokeParams.model_validate({"howOften": 3, "newerKey": True}).how_often == 3


def test_strict_params_refuse_what_they_do_not_know() -> None:
    class Strict(StrictParams):
        limit: int = 1

    assert Strict.model_validate({"limit": 2}).limit == 2
    with pytest.raises(ValidationError):
        Strict.model_validate({"bogus": 1})


def test_results_leave_out_what_is_none_unless_they_keep_it() -> None:
    class Row(Result):
        display_name: str | None = None
        size: int = 1

    class Whole(Row):
        keeps_none: ClassVar[bool] = True

    assert to_wire(Row()) == {"size": 1}
    assert to_wire(Whole()) == {"displayName": None, "size": 1}
    assert to_wire([Row(display_name="x")]) == [{"displayName": "x", "size": 1}]
    assert to_wire({"any": "thing"}) == {"any": "thing"}
