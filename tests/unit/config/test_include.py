"""One config in several files: read as one, refused with the reason, changed in the file that holds the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.include import Home, IncludeFault, Includes, WouldFlatten
from clawfleet.config.path import parse_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def put(folder: Path, **files: Any) -> None:
    for name, tree in files.items():
        (folder / f"{name}.json5").write_text(tree if isinstance(tree, str) else json.dumps(tree), encoding="utf-8")


def includes(folder: Path, roots: str = "") -> Includes:
    return Includes.of(folder / "openclaw.json", {"OPENCLAW_INCLUDE_ROOTS": roots})


@pytest.mark.parametrize(
    ("tree", "whole"),
    [
        ({"a": {"$include": "./one.json5"}}, {"a": {"x": 1, "l": [1], "deep": {"p": 1}}}),
        ({"a": {"$include": "one.json5", "x": 9}}, {"a": {"x": 9, "l": [1], "deep": {"p": 1}}}),
        (
            {"a": {"$include": ["./one.json5", "./two.json5"]}},
            {"a": {"x": 2, "l": [1, 2], "deep": {"p": 1, "q": 2}}},
        ),
        ({"$include": "./one.json5", "b": 1}, {"x": 1, "l": [1], "deep": {"p": 1}, "b": 1}),
        ({"a": [{"$include": "./two.json5"}]}, {"a": [{"x": 2, "l": [2], "deep": {"q": 2}}]}),
        ({"a": {"$include": "./nested/in.json5"}}, {"a": {"in": {"leaf": True}}}),
        ({"plain": 1}, {"plain": 1}),
    ],
)
def test_files_are_read_as_one_tree(folder: Path, tree: Any, whole: Any) -> None:
    """A text replaces, a list merges in order, keys beside win, paths start at the including file."""
    put(folder, one={"x": 1, "l": [1], "deep": {"p": 1}}, two={"x": 2, "l": [2], "deep": {"q": 2}})
    (folder / "nested").mkdir()
    put(folder / "nested", **{"in": "{ in: { $include: './leaf.json5' } } // mine", "leaf": {"leaf": True}})
    assert includes(folder).expand(tree) == whole


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ({"a": {"$include": "./gone.json5"}}, "Failed to read include file: ./gone.json5 (resolved: "),
        ({"a": {"$include": "../out.json5"}}, "Include path escapes config directory: ../out.json5 (root: "),
        ({"a": {"$include": "/etc/passwd"}}, "Include path escapes config directory: /etc/passwd"),
        ({"a": {"$include": "./link.json5"}}, "Include path escapes config directory: ./link.json5"),
        ({"a": {"$include": 7}}, "Invalid $include value: expected string or array of strings, got number"),
        ({"a": {"$include": ["./b.json5", 7]}}, "expected string or array of strings, got number"),
        ({"a": {"$include": "./list.json5", "x": 1}}, "Sibling keys require included content to be an object"),
        ({"a": {"$include": "./b.json5"}}, "Circular include detected: "),
        ({"a": {"$include": "./openclaw.json"}}, "Circular include detected: "),
        ({"a": {"$include": "./broken.json5"}}, "Failed to parse include file: ./broken.json5"),
        ({"a": {"$include": "x" * 5000}}, "Include path is too long"),
        ({"a": {"$include": "./deep0.json5"}}, "Includes nest deeper than 10 levels at: ./deep10.json5"),
    ],
)
def test_what_cannot_be_included_is_explained(folder: Path, tree: Any, told: str) -> None:
    put(folder, b={"$include": "./c.json5"}, c={"x": {"$include": "./b.json5"}}, list=[1], broken="{ a: ")
    put(folder.parent, out={})
    put(folder, **{f"deep{n}": {"$include": f"./deep{n + 1}.json5"} for n in range(11)}, deep11={})
    (folder / "link.json5").symlink_to(folder.parent / "out.json5")
    with pytest.raises(IncludeFault) as caught:
        includes(folder).expand(tree)
    assert told in str(caught.value)


def test_a_circle_is_shown_as_it_goes(folder: Path) -> None:
    put(folder, b={"$include": "./c.json5"}, c={"$include": "./b.json5"})
    with pytest.raises(IncludeFault) as caught:
        includes(folder).expand({"$include": "./b.json5"})
    names = [Path(part).name for part in str(caught.value).partition(": ")[2].split(" -> ")]
    assert names == ["openclaw.json", "b.json5", "c.json5", "b.json5"]


def test_a_large_file_is_refused(folder: Path) -> None:
    put(folder, big=" " * (2 * 1024 * 1024 + 1))
    with pytest.raises(IncludeFault, match="larger than"):
        includes(folder).expand({"$include": "./big.json5"})


def test_further_directories_are_named_by_the_environment(folder: Path) -> None:
    shared = folder.parent / "shared"
    shared.mkdir()
    put(shared, out={"x": 1})
    tree = {"a": {"$include": "../shared/out.json5"}}
    known = includes(folder, str(shared))
    assert known.expand(tree) == {"a": {"x": 1}}
    assert list(known.texts) == [shared / "out.json5"]
    with pytest.raises(WouldFlatten):  # read, never written
        known.home_of(tree, ("a", "x"))


TREE = {
    "agents": {"$include": "./agents.json5"},
    "tools": {"$include": ["./one.json5", "./two.json5"]},
    "models": {"$include": "./one.json5", "mode": "merge"},
    "gateway": {"port": 1},
}


@pytest.mark.parametrize(
    ("path", "file", "inner"),
    [
        ("gateway.port", "openclaw.json", "gateway.port"),
        ("gateway.bind", "openclaw.json", "gateway.bind"),
        ("logging.level", "openclaw.json", "logging.level"),
        ("agents.defaults.model", "agents.json5", "defaults.model"),
        ("agents", "agents.json5", None),
        ("agents.entries.ops.name", "ops.json5", "name"),
        ("models.mode", "openclaw.json", "models.mode"),
        ("models.fresh", "openclaw.json", "models.fresh"),
        ("tools.x", None, None),
        ("models.x", None, None),
        ("tools", None, None),
    ],
)
def test_a_key_is_changed_where_it_is_written(folder: Path, path: str, file: str | None, inner: str | None) -> None:
    put(folder, one={"x": 1}, two={"y": 1}, ops={"name": "o"})
    put(folder, agents={"defaults": {}, "entries": {"ops": {"$include": "./ops.json5"}}})
    keys = parse_path(path)
    if file is None:
        with pytest.raises(WouldFlatten, match="would flatten"):
            includes(folder).home_of(TREE, keys)
        return
    expected = Home(folder / file, parse_path(inner) if inner else ())
    assert includes(folder).home_of(TREE, keys) == expected


def test_an_included_section_may_be_taken_out(folder: Path) -> None:
    for path in (("agents",), ("tools",)):
        assert includes(folder).home_of(TREE, path, removing=True) == Home(folder / "openclaw.json", path)
