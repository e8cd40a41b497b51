"""One roster under two names."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.path import KeyPath
from clawfleet.config.roster import as_entries, as_list, with_both, written, written_path

AS_LIST: dict[str, Any] = {"agents": {"list": [{"id": "main"}, {"id": "ops", "name": "Ops"}]}}
AS_MAP: dict[str, Any] = {"agents": {"entries": {"main": {}, "ops": {"name": "Ops"}}}}


def test_both_names_can_be_read() -> None:
    """Whatever the file has."""
    for source in (AS_LIST, AS_MAP):
        agents: Any = with_both(source)["agents"]
        assert agents["list"] == [{"id": "main"}, {"id": "ops", "name": "Ops"}]
        assert agents["entries"] == {"main": {}, "ops": {"name": "Ops"}}
    assert "entries" not in AS_LIST["agents"]


@pytest.mark.parametrize(
    "source", [{}, {"agents": 5}, {"agents": {"list": [], "entries": {}}}, {"agents": {"list": 5}}]
)
def test_reading_what_is_no_roster(source: dict[str, Any]) -> None:
    """Nothing is invented that was not there."""
    assert with_both(source).get("agents") == source.get("agents") or source["agents"] == {"list": 5}


@pytest.mark.parametrize(
    ("source", "path", "found"),
    [
        (AS_LIST, ("agents", "entries", "ops", "name"), ("agents", "list", 1, "name")),
        (AS_MAP, ("agents", "list", 1, "name"), ("agents", "entries", "ops", "name")),
        (AS_MAP, ("agents", "list", "0"), ("agents", "entries", "main")),
        (AS_LIST, ("agents", "list", 1, "name"), ("agents", "list", 1, "name")),
        (AS_MAP, ("agents", "entries", "ops"), ("agents", "entries", "ops")),
        (AS_LIST, ("agents", "entries", "new"), ("agents", "entries", "new")),
        (AS_MAP, ("agents", "list", 9), ("agents", "list", 9)),
        ({}, ("agents", "list", 0), ("agents", "list", 0)),
        (AS_LIST, ("gateway", "port"), ("gateway", "port")),
    ],
)
def test_paths_by_the_other_name(source: dict[str, Any], path: KeyPath, found: KeyPath) -> None:
    """An agent is found by index or id, wherever it is written."""
    assert written_path(source, path) == found


@pytest.mark.parametrize(
    ("source", "path", "value", "place", "new"),
    [
        (AS_MAP, ("agents", "list"), [{"id": "a", "name": "A"}], ("agents", "entries"), {"a": {"name": "A"}}),
        (AS_LIST, ("agents", "entries"), {"a": {"name": "A"}}, ("agents", "list"), [{"id": "a", "name": "A"}]),
        (AS_LIST, ("agents", "entries", "new", "name"), "N", ("agents", "list", 2), {"id": "new", "name": "N"}),
        (AS_LIST, ("agents", "entries", "new"), {"name": "N"}, ("agents", "list", 2), {"id": "new", "name": "N"}),
        (AS_LIST, ("agents", "entries", "ops", "name"), "N", ("agents", "list", 1, "name"), "N"),
        (AS_MAP, ("agents", "list", 2), {"id": "new", "name": "N"}, ("agents", "entries", "new"), {"name": "N"}),
        ({}, ("agents", "list"), [{"id": "a"}], ("agents", "list"), [{"id": "a"}]),
        ({}, ("agents", "entries", "a"), {}, ("agents", "entries", "a"), {}),
        (AS_MAP, ("gateway", "port"), 1, ("gateway", "port"), 1),
    ],
)
def test_writes_keep_the_files_one_roster(
    source: dict[str, Any], path: KeyPath, value: object, place: KeyPath, new: object
) -> None:
    """Never a second one beside it."""
    assert written(source, path, value) == (place, new)


def test_what_is_no_roster_stays_for_the_models_to_refuse() -> None:
    """Translation does not hide a wrong type."""
    assert as_entries([{"name": "no id"}]) == [{"name": "no id"}]
    assert as_entries("x") == "x"
    assert as_list({"a": 5}) == {"a": 5}
