"""A patch as the changes that it asks for."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.change import Edit
from clawfleet.config.patch import edits_of_patch

SOURCE: dict[str, Any] = {"a": {"b": 1, "c": [1, 2], "d": {"x": 1}}, "agents": {"list": [{"id": "main", "name": "M"}]}}


@pytest.mark.parametrize(
    ("patch", "edits"),
    [
        ({"a": {"b": 1}}, []),
        ({"a": {"b": 2, "c": [3]}}, [Edit(("a", "b"), 2), Edit(("a", "c"), [3])]),
        ({"a": {"b": None, "nope": None}}, [Edit(("a", "b"), removes=True)]),
        ({"a": {"d": {"y": 2}}}, [Edit(("a", "d", "y"), 2)]),
        ({"new": {"x": None, "y": {"z": 1}}}, [Edit(("new",), {"y": {"z": 1}})]),
        ({"a": 5}, [Edit(("a",), 5)]),
        (
            {"agents": {"list": [{"id": "main", "name": "N"}, {"id": "ops"}]}},
            [Edit(("agents", "entries", "main", "name"), "N"), Edit(("agents", "entries", "ops"), {})],
        ),
    ],
)
def test_edits(patch: dict[str, Any], edits: list[Edit]) -> None:
    assert edits_of_patch(SOURCE, patch) == edits


def test_paths_that_replace() -> None:
    assert edits_of_patch(SOURCE, {"a": {"d": {"y": 2}}}, ['a["d"]']) == [Edit(("a", "d"), {"y": 2})]
