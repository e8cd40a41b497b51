"""The language of shapes: what is kept of a value, and what counts as a difference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shapes import Shape, differences, merged, shape_of


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ({"a": "secret", "b": 1, "c": True, "d": None}, {"a": "string", "b": "number", "c": "boolean", "d": "null"}),
        ([], []),
        ([{"a": 1}, {"b": "x"}], [{"a?": "number", "b?": "string"}]),
        (["one", "__trimmed__:9"], ["string"]),
        ({"a": 1, "__trimmed__": 7}, {"a": "number", "...": "any"}),
        ({"names": {"alice": 1, "bob": None}}, {"names": {"*": {"|": ["null", "number"]}}}),
        ({"free": {"alice": 1}}, {"free": "any"}),
    ],
)
def test_only_keys_and_types_are_kept(value: Any, shape: Shape) -> None:
    assert shape_of(value, maps=frozenset({"names"}), opaque=frozenset({"free"})) == shape


@pytest.mark.parametrize(
    ("shape", "value", "told"),
    [
        ({"a": "string", "b?": "number"}, {"a": "x"}, []),
        ({"a": "string"}, {}, ["missing .a"]),
        ({"a": "string"}, {"a": 1, "z": 2}, ["type .a", "extra .z"]),
        ({"a": "string", "...": "any"}, {"a": "x", "z": 2}, []),
        ({"a": [{"b": "boolean"}]}, {"a": [{"b": True}, {"b": 0}]}, ["type .a[].b"]),
        ({"a": []}, {"a": [{"anything": 1}]}, []),
        ({"a": "null"}, {"a": {"now": "known"}}, []),
        ({"a": {"|": ["null", {"b": "string"}]}}, {"a": None}, []),
        ({"a": {"|": ["null", {"b": "string"}]}}, {"a": {"b": 7}}, ["type .a.b"]),
        ({"*": {"b": "string"}}, {"one": {"b": "x"}, "two": {}}, ["missing .*.b"]),
        ("string", {"a": 1}, ["type ."]),
        ([{"a": "string"}], None, ["type ."]),
    ],
)
def test_differences_name_the_path(shape: Shape, value: Any, told: list[str]) -> None:
    assert list(differences(shape, value)) == told


def test_what_was_merged_has_no_difference_to_any_of_its_parts() -> None:
    values = [{"a": 1, "rows": []}, {"a": None, "rows": [{"x": "y"}]}, {"rows": [{"z": 1}], "more": {"k": True}}]
    shape = merged(shape_of(value) for value in values)
    assert [list(differences(shape, value)) for value in values] == [[], [], []]
